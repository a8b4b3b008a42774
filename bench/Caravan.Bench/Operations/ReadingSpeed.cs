using System.Diagnostics;
using System.Globalization;
using System.Text;
using Caravan.Bench.Orders;
using Caravan.Shadow;
using Caravan.Stock;

namespace Caravan.Bench.Operations;

/// <summary>What takes the processor alone: reading a stock file, and deciding a day's orders once more.</summary>
internal static class ReadingSpeed
{
    private const int PieceBytes = 64 * 1024;
    private const int Locations = 300;
    private const int Items = 20_000;
    private const int Nodes = 60;
    private const int ShadowItems = 3_000;

    /// <summary>Lines a second from a file's bytes, as they arrive, to lines with their faults: of the clock, and of the processor.</summary>
    public static (double PerSecond, double PerCpuSecond, double NaivePerSecond) Csv(int lines, int rounds)
    {
        var random = new SplitMix(5);
        var text = new StringBuilder("location,item,name,quantity\n");
        for (var line = 0; line < lines; line++)
            text.Append(CultureInfo.InvariantCulture, $"S{random.Below(Locations):000},{4_000_000_000_000 + random.Below(Items)},\"Item, of some kind\",{random.Below(500)}\n");
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        var (best, bestCpu) = Best(rounds, () =>
        {
            if (Read(bytes) != lines)
                throw new BenchException($"{lines} lines were written, others were read.");
        });
        var (naive, _) = Best(rounds, () =>
        {
            if (Encoding.UTF8.GetString(bytes).Split('\n').Skip(1).Count(line => line.Split(',').Length >= 4) != lines)
                throw new BenchException($"{lines} lines were written, the naive way found others.");
        });
        return (lines / best, lines / bestCpu, lines / naive);
    }

    /// <summary>Orders a second from three files to a report, and by the processor's time.</summary>
    public static (double PerSecond, double PerCpuSecond) Shadow(int orders, int rounds, CancellationToken cancel)
    {
        var files = ShadowText(orders);
        var (best, bestCpu) = Best(rounds, () =>
        {
            var report = ShadowMaking.Make(Of("orders.csv", files.Orders), Of("stock.csv", files.Stock), Of("locations.csv", files.Locations), null, "UTC", null, default, ShadowRules.Default, null, cancel);
            if (report.Pairs.Count != orders)
                throw new BenchException($"{orders} orders were written, {report.Pairs.Count} were decided.");
        });
        return (orders / best, orders / bestCpu);
    }

    private static int Read(byte[] bytes)
    {
        var rows = new FeedRows(new UTF8Encoding(false));
        FeedLineReader? reader = null;
        var lines = 0;
        for (var at = 0; at < bytes.Length; at += PieceBytes)
        {
            var piece = bytes.AsSpan(at, Math.Min(PieceBytes, bytes.Length - at));
            rows.Append(piece);
            if (piece.Length < PieceBytes)
                rows.Complete();
            if (reader is null)
            {
                reader = new FeedLineReader(rows);
                reader.ReadHeader();
            }

            while (reader.Next() is { } line)
                lines += line.Fault is null && FeedQuantity.TryParse(line.Quantity, line.IsChange, out _, out _) ? 1 : 0;
        }

        return lines;
    }

    private static (byte[] Orders, byte[] Stock, byte[] Locations) ShadowText(int orders)
    {
        var random = new SplitMix(9);
        var locations = new StringBuilder("code,name,kind,latitude,longitude\n");
        var stock = new StringBuilder("location,sku,quantity\n");
        for (var node = 0; node < Nodes; node++)
        {
            locations.Append(CultureInfo.InvariantCulture, $"N{node:00},Node {node},{(node % 10 == 0 ? "warehouse" : "store")},{52 + (random.Unit() / 2):0.0000},{13 + random.Unit():0.0000}\n");
            for (var item = 0; item < ShadowItems; item++)
            {
                if (node % 10 == 0 || random.Below(10) == 0)
                    stock.Append(CultureInfo.InvariantCulture, $"N{node:00},B{item:0000},{50 + random.Below(200)}\n");
            }
        }

        var lines = new StringBuilder("order,placedAt,sku,quantity,latitude,longitude,from\n");
        for (var order = 0; order < orders; order++)
        {
            var (latitude, longitude, from) = (52 + (random.Unit() / 2), 13 + random.Unit(), random.Below(Nodes));
            var at = new DateTime(2026, 11, 3, 6, 0, 0, DateTimeKind.Utc).AddSeconds(order * 50_000.0 / orders);
            for (var line = 0; line < 2; line++)
                lines.Append(CultureInfo.InvariantCulture, $"O-{order},{at:yyyy-MM-ddTHH:mm:ssZ},B{random.Below(ShadowItems):0000},{1 + random.Below(3)},{latitude:0.0000},{longitude:0.0000},N{from:00}\n");
        }

        return (Encoding.UTF8.GetBytes(lines.ToString()), Encoding.UTF8.GetBytes(stock.ToString()), Encoding.UTF8.GetBytes(locations.ToString()));
    }

    private static NamedFile Of(string name, byte[] bytes) => new(name, () => new MemoryStream(bytes));

    // The best of some rounds: the machine has others on it.
    private static (double Seconds, double CpuSeconds) Best(int rounds, Action work)
    {
        var (best, bestCpu) = (double.MaxValue, double.MaxValue);
        for (var round = 0; round <= rounds; round++)
        {
            var (since, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            work();
            if (round == 0)
                continue; // It warms up.

            best = Math.Min(best, Stopwatch.GetElapsedTime(since).TotalSeconds);
            bestCpu = Math.Min(bestCpu, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        }

        return (best, Math.Max(bestCpu, 1e-6));
    }
}
