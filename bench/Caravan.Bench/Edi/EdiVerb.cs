using System.Buffers;
using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Caravan.Bench.Orders;
using Caravan.Engines.Edi;

namespace Caravan.Bench.Edi;

/// <summary>
/// <c>bench -- edi</c>: how fast a partner's files are read, from bytes that arrive in chunks to lines in the trade's words with every
/// count, reference and character checked; beside it the naive way, which splits strings at the delimiters, on the same bytes in the same run.
/// </summary>
internal static class EdiVerb
{
    private const int ChunkBytes = 64 * 1024;
    private const int LinesPerMessage = 1_000;
    private const double Megabyte = 1_000_000;

    public static Command Create()
    {
        var megabytes = new Option<int>("--megabytes") { Description = "How much of each standard to read.", DefaultValueFactory = _ => 64 };
        var rounds = new Option<int>("--rounds") { Description = "How often; the best round counts.", DefaultValueFactory = _ => 5 };
        var verb = new Command("edi", "Reads 846 and INVRPT as a stream, against splitting strings.") { megabytes, rounds };
        verb.SetAction(parsed => Run(parsed.GetValue(megabytes), parsed.GetValue(rounds)));
        return verb;
    }

    private static int Run(int megabytes, int rounds)
    {
        var figures = new Figures("edi");
        figures.Add("edi_mb_per_second", Measure(figures, megabytes, rounds), "MB/s");
        figures.Print();
        return 0;
    }

    /// <summary>Measures both standards; the slower one's megabytes a second.</summary>
    public static double Measure(Figures figures, int megabytes, int rounds)
    {
        var (slowest, allocated) = (double.MaxValue, 0.0);
        foreach (var syntax in (EdiSyntax[])[EdiSyntax.X12, EdiSyntax.Edifact])
        {
            var (bytes, lines) = Make(syntax, (int)(megabytes * Megabyte));
            var name = syntax == EdiSyntax.X12 ? "x12_846" : "edifact_invrpt";
            var scan = Best(rounds, bytes.Length, () => Scan(bytes));
            var before = GC.GetTotalAllocatedBytes(precise: true);
            var read = Best(rounds, bytes.Length, () =>
            {
                if (Read(bytes) != lines)
                    throw new BenchException($"{lines} lines were written, others were read.");
            });
            allocated += (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)rounds / lines / 2;
            var naive = Best(rounds, bytes.Length, () =>
            {
                if (Naive(bytes, syntax) != lines)
                    throw new BenchException($"{lines} lines were written, the naive way found others.");
            });
            var write = Best(rounds, bytes.Length, () => Make(syntax, (int)(megabytes * Megabyte)));
            slowest = Math.Min(slowest, read);
            figures.Add($"{name}_scan_mb_per_second", scan, "MB/s");
            figures.Add($"{name}_read_mb_per_second", read, "MB/s");
            figures.Add($"{name}_read_mb_per_cpu_second", PerCpuSecond(bytes), "MB/s");
            figures.Add($"{name}_naive_mb_per_second", naive, "MB/s");
            figures.Add($"{name}_ratio_to_naive", read / naive, "");
            figures.Add($"{name}_write_mb_per_second", write, "MB/s");
        }

        figures.Add("edi_bytes_allocated_per_line", allocated, "B");
        return slowest;
    }

    // On a machine that others use too, wall time says little; this counts what the reading itself took, collecting garbage included.
    private static double PerCpuSecond(byte[] bytes)
    {
        var before = Environment.CpuUsage.TotalTime;
        Read(bytes);
        return bytes.Length / Megabyte / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static double Best(int rounds, int length, Action work)
    {
        var best = double.MaxValue;
        for (var i = 0; i < rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            work();
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return length / Megabyte / best;
    }

    // Interchanges of one message, so many lines each, as a stock system writes them.
    private static (byte[] Bytes, int Lines) Make(EdiSyntax syntax, int length)
    {
        var output = new ArrayBufferWriter<byte>(length + (1024 * 1024));
        var isX12 = syntax == EdiSyntax.X12;
        var writer = new EdiWriter(output, isX12 ? EdiDelimiters.X12 : EdiDelimiters.Edifact, "UNOC", hasLines: true);
        var date = new EdiDate(new DateOnly(2026, 9, 4), new TimeOnly(8, 0));
        var random = new SplitMix(7);
        var lines = Enumerable.Range(1, LinesPerMessage).Select(line => new InventoryLine
        {
            Line = $"{line}",
            Items = isX12 ? [new("VN", $"SKU-{random.Below(1_000_000)}"), new("UP", "036000291452")] : [new("EN", "4000862141404"), new("SA", $"SKU-{random.Below(1_000_000)}")],
            Quantities = [new(isX12 ? "33" : "145", random.Below(5_000), isX12 ? "EA" : "PCE"), new(isX12 ? "17" : "66", random.Below(5_000), isX12 ? "EA" : "PCE")],
        }).ToList();
        var report = new InventoryReport { Purpose = isX12 ? "00" : "9", Kind = isX12 ? "MB" : "35", Number = "STK-1", Date = date, Parties = [new(isX12 ? "WH" : "WH") { Name = "STORE", IdQualifier = "92", Id = "42" }], Lines = lines };
        var count = 0;
        for (var control = 1; output.WrittenCount < length; control++)
        {
            writer.Open(new EdiEnvelope { Delimiters = isX12 ? EdiDelimiters.X12 : EdiDelimiters.Edifact, Sender = new("ZZ", "SUPPLIER"), Receiver = new("ZZ", "RETAILER"), ControlNumber = $"{control:000000000}", PreparedAt = date, Version = isX12 ? "00401" : "UNOC:3" });
            if (isX12)
                writer.OpenGroup("IB", "SUPPLIER", "RETAILER", date, $"{control}", "004010");
            DocumentWriting.Write(writer, report, "0001");
            if (isX12)
                writer.CloseGroup();
            writer.Close();
            count += lines.Count;
        }

        return (output.WrittenSpan.ToArray(), count);
    }

    private static void Scan(byte[] bytes)
    {
        var scanner = new EdiScanner();
        for (var at = 0; ;)
        {
            switch (scanner.Read())
            {
                case EdiScan.End:
                    return;
                case EdiScan.NeedMore when at == bytes.Length:
                    scanner.Complete();
                    break;
                case EdiScan.NeedMore:
                    var chunk = Math.Min(ChunkBytes, bytes.Length - at);
                    scanner.Append(bytes.AsSpan(at, chunk));
                    at += chunk;
                    break;
            }
        }
    }

    private static int Read(byte[] bytes)
    {
        var reader = new EdiReader();
        var lines = 0;
        for (var at = 0; at <= bytes.Length;)
        {
            var chunk = Math.Min(ChunkBytes, bytes.Length - at);
            if (chunk == 0)
                reader.Complete();
            else
                reader.Append(bytes.AsSpan(at, chunk));
            at += Math.Max(1, chunk);
            while (reader.Next() is { } item)
            {
                if (item is EdiItem.Document { Content: InventoryReport report, Message.IsRejected: false })
                    lines += report.Lines.Count;
                else if (item is not EdiItem.InterchangeEnd { Interchange.IsRejected: false })
                    throw new BenchException("A sound file was found faulty.");
            }
        }

        return lines;
    }

    // What one writes first: the text, cut at the terminators, cut at the separators. It checks nothing.
    private static int Naive(byte[] bytes, EdiSyntax syntax)
    {
        var (terminator, element, component) = syntax == EdiSyntax.X12 ? ('~', '*', '>') : ('\'', '+', ':');
        var lines = new List<(string Item, Dictionary<string, decimal> Quantities)>();
        var count = 0;
        foreach (var segment in Encoding.Latin1.GetString(bytes).Split(terminator))
        {
            var elements = segment.Trim().Split(element);
            switch (elements[0])
            {
                case "LIN":
                    lines.Add((syntax == EdiSyntax.X12 ? elements[3] : elements[3].Split(component)[0], []));
                    break;
                case "QTY":
                    var parts = syntax == EdiSyntax.X12 ? elements[1..] : elements[1].Split(component);
                    lines[^1].Quantities[parts[0]] = decimal.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
                    break;
                case "SE" or "UNT":
                    count += lines.Count;
                    lines.Clear();
                    break;
            }
        }

        return count;
    }
}
