using System.Buffers.Binary;

namespace Caravan.Bench.Orders.Aged;

/// <summary>A cell of stock that orders of the past were served from, and where it lies.</summary>
internal sealed record HistoryCell(Guid Item, Guid Location, string Sku, string Name, int WeightGrams, long Price, double Latitude, double Longitude);

/// <summary>Times of one finished order of the past, in milliseconds since 1970, and its cell.</summary>
internal readonly record struct PastOrder(int Index, long PlacedAt, HistoryCell Cell)
{
    private const long Minute = 60_000;

    public long PickedAt => PlacedAt + (40 * Minute);

    public long PackedAt => PlacedAt + (50 * Minute);

    public long ShippedAt => PlacedAt + (90 * Minute);

    public long DeliveredAt => PlacedAt + (150 * Minute);

    public long DueAt => PlacedAt + (24 * 60 * Minute);
}

/// <summary>
/// A year of a company's business that is over: orders of one line and one unit, evenly over the year, delivered all of them.
/// Each three orders come from one cell, which received three units the hour before, so that an order leaves three and a
/// third lines in the ledger. Everything follows from the seed and the order's number, so that each table is written by
/// itself and in the order of its key.
/// </summary>
internal sealed class History
{
    public const int OrdersAReceipt = 3;
    public const int Days = 365;
    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;
    private readonly IReadOnlyList<HistoryCell> cells;
    private readonly long from;
    private readonly long until;
    private readonly ulong seed;

    public History(IReadOnlyList<HistoryCell> cells, int orders, DateTimeOffset now, ulong seed)
    {
        this.cells = cells;
        this.seed = seed;
        Orders = orders;
        Now = now.ToUnixTimeMilliseconds();
        until = Now - (4 * Hour); // The last of them has been delivered.
        from = until - (Days * Day);
    }

    public int Orders { get; }

    public long Now { get; }

    public int Receipts => (Orders + OrdersAReceipt - 1) / OrdersAReceipt;

    /// <summary>Lines of the ledger in all.</summary>
    public long Movements => Receipts + (3L * Orders);

    public PastOrder this[int index] => new(index, from + (long)((until - from) * (double)index / Orders), CellOf(index / OrdersAReceipt));

    /// <summary>The orders placed since an instant.</summary>
    public IEnumerable<PastOrder> Since(long at)
    {
        var first = Orders;
        while (first > 0 && this[first - 1].PlacedAt >= at)
            first--;
        return All(first);
    }

    public IEnumerable<PastOrder> All(int first = 0)
    {
        for (var i = first; i < Orders; i++)
            yield return this[i];
    }

    /// <summary>When a receipt's goods came, and how many.</summary>
    public (long At, HistoryCell Cell, int Units) Receipt(int index) =>
        (this[index * OrdersAReceipt].PlacedAt - Hour, CellOf(index), Math.Min(OrdersAReceipt, Orders - (index * OrdersAReceipt)));

    /// <summary>An id of this millisecond, as a UUIDv7: the same for the same kind and number.</summary>
    public Guid Id(int kind, long number, long at)
    {
        var random = new SplitMix(seed ^ ((ulong)kind * 0xD1342543DE82EF95) ^ ((ulong)number << 8));
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (at << 16) | 0x7000 | (long)(random.Next() & 0xFFF));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], (random.Next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000);
        return new Guid(bytes, bigEndian: true);
    }

    private HistoryCell CellOf(int receipt) => cells[(int)((uint)new SplitMix(seed + (ulong)receipt).Below(cells.Count))];
}
