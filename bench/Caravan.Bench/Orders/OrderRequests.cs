using System.Text;

namespace Caravan.Bench.Orders;

/// <summary>
/// The bytes of one request to place an order, rendered once; each order then writes its own digits over the last one's. Every
/// field has a fixed width, so that nothing moves: number (also the idempotency key) B0123456789, SKU B001234, degrees 31.12345 and 121.12345.
/// </summary>
internal sealed class OrderRequest
{
    private const string NumberHole = "B0000000000";
    private const string SkuHole = "B000000";
    private const int DegreeDigits = 5;
    private readonly int[] numbers;
    private readonly int[] skus;
    private readonly int latitude;
    private readonly int longitude;

    public OrderRequest(Uri address, string key, int lineCount)
        : this(address, key, "/v1/orders", $"\"number\":\"{NumberHole}\",\"service\":\"nextDay\",{Basket(lineCount)}")
    {
    }

    private OrderRequest(Uri address, string key, string path, string members)
    {
        var body = "{" + members + "}";
        var text = $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: {NumberHole}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        Bytes = Encoding.ASCII.GetBytes(text);
        numbers = [.. Holes(text, NumberHole)];
        skus = [.. Holes(text, $"\"{SkuHole}\"").Select(at => at + 1)];
        latitude = text.IndexOf("00.00000,", StringComparison.Ordinal);
        longitude = text.IndexOf("000.00000,", StringComparison.Ordinal);
    }

    public byte[] Bytes { get; }

    /// <summary>A request for a promise of such a basket.</summary>
    public static OrderRequest OfPromise(Uri address, string key, int lineCount) => new(address, key, "/v1/promises", Basket(lineCount));

    /// <summary>The order alone.</summary>
    public ReadOnlySpan<byte> Body => Bytes.AsSpan(Bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4);

    public void SetNumber(long number)
    {
        foreach (var at in numbers)
            Digits(number, at + 1, NumberHole.Length - 1);
    }

    public void SetSku(int line, int item) => Digits(item, skus[line] + 1, SkuHole.Length - 1);

    public void SetDestination(double atLatitude, double atLongitude)
    {
        Degrees(atLatitude, latitude, 2);
        Degrees(atLongitude, longitude, 3);
    }

    private static string Basket(int lineCount) =>
        $"\"lines\":[{string.Join(',', Enumerable.Repeat($"{{\"sku\":\"{SkuHole}\",\"quantity\":1}}", lineCount))}],\"destination\":{{\"latitude\":00.00000,\"longitude\":000.00000,\"address\":\"Bench Road 1\"}}";

    private void Degrees(double degrees, int at, int wholeDigits)
    {
        var parts = (long)(degrees * 100_000);
        Digits(parts / 100_000, at, wholeDigits);
        Digits(parts % 100_000, at + wholeDigits + 1, DegreeDigits);
    }

    private void Digits(long value, int at, int count)
    {
        for (var i = at + count - 1; i >= at; i--)
        {
            Bytes[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }

    private static IEnumerable<int> Holes(string text, string hole)
    {
        for (var at = text.IndexOf(hole, StringComparison.Ordinal); at >= 0; at = text.IndexOf(hole, at + 1, StringComparison.Ordinal))
            yield return at;
    }
}

/// <summary>What the next order asks for; the same for the same seed and number.</summary>
internal abstract class OrderMix
{
    /// <summary>How many lines its orders have.</summary>
    public abstract int LineCount { get; }

    public abstract void Fill(OrderRequest request, long number);

    /// <summary>A request that is filled again and again.</summary>
    public virtual OrderRequest RequestTo(Uri address, string key) => new(address, key, LineCount);
}

/// <summary>Promises for five different items, each anywhere, near some location.</summary>
internal sealed class Promises(BenchWorld world, ulong seed) : OrderMix
{
    public override int LineCount => 5;

    public override OrderRequest RequestTo(Uri address, string key) => OrderRequest.OfPromise(address, key, LineCount);

    public override void Fill(OrderRequest request, long number)
    {
        var random = new SplitMix(seed ^ ((ulong)number * 0xD1342543DE82EF95));
        var place = world.Places[random.Below(world.Places.Length)];
        var first = random.Below(BenchWorld.Items);
        request.SetNumber(number);
        for (var line = 0; line < LineCount; line++)
            request.SetSku(line, (first + (line * 1_999)) % BenchWorld.Items);
        request.SetDestination(place.Latitude, place.Longitude);
    }
}

/// <summary>Two different items that lie together at some location, to an address within some two kilometres of it.</summary>
internal sealed class MixedOrders(BenchWorld world, ulong seed) : OrderMix
{
    private const double NearDegrees = 0.04;

    public override int LineCount => 2;

    public override void Fill(OrderRequest request, long number)
    {
        var random = new SplitMix(seed ^ ((ulong)number * 0xD1342543DE82EF95));
        var place = random.Below(world.Places.Length);
        var items = world.ItemsAt(place);
        var first = random.Below(items.Length);
        var second = random.Below(items.Length - 1);
        request.SetNumber(number);
        request.SetSku(0, items[first]);
        request.SetSku(1, items[second < first ? second : second + 1]);
        request.SetDestination(world.Places[place].Latitude + ((random.Unit() - 0.5) * NearDegrees), world.Places[place].Longitude + ((random.Unit() - 0.5) * NearDegrees));
    }
}

/// <summary>One unit of one item that lies at one location, to an address near it.</summary>
internal sealed class HotOrders(BenchWorld world, int round) : OrderMix
{
    public override int LineCount => 1;

    public override void Fill(OrderRequest request, long number)
    {
        request.SetNumber(number);
        request.SetSku(0, BenchWorld.HotItem(round));
        request.SetDestination(world.Places[BenchWorld.HotPlace].Latitude, world.Places[BenchWorld.HotPlace].Longitude);
    }
}
