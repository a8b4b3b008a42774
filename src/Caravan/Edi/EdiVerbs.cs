using System.CommandLine;
using System.Globalization;
using System.Text;
using Caravan.Engines.Edi;

namespace Caravan.Edi;

/// <summary><c>caravan edi check FILE</c> and <c>caravan edi show FILE</c>: what a file says and what is wrong with it, without an account or a server.</summary>
internal static class EdiVerbs
{
    private const int ExitSound = 0;
    private const int ExitFaults = 1;
    private const int ExitUnreadable = 2;

    public static Command Create() => new("edi", "Look into X12 and EDIFACT files.")
    {
        Verb("check", "Tell what is wrong with a file and where. Exit code 0: all of it would be read; 1: some would be refused; 2: unreadable.", isWhole: false),
        Verb("show", "Tell what a file says, message by message and line by line, and what is wrong with it. Exit codes as for check.", isWhole: true),
    };

    private static Command Verb(string name, string description, bool isWhole)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "An X12 or EDIFACT file." };
        var verb = new Command(name, description) { file };
        verb.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(file), isWhole, Console.Out, Console.Error, cancel));
        return verb;
    }

    /// <summary>Does it and prints it; the exit code.</summary>
    public static async Task<int> RunAsync(FileInfo file, bool isWhole, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        byte[] bytes;
        try
        {
            bytes = await File.ReadAllBytesAsync(file.FullName, cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"{file.Name} cannot be read: {fault.Message}".AsMemory(), cancel);
            return ExitUnreadable;
        }

        var items = EdiReader.ReadAll(bytes);
        var lines = new EdiLines(bytes);
        var rejects = 0;
        foreach (var item in items)
        {
            foreach (var line in EdiWords.Of(item, lines, isWhole))
                await output.WriteLineAsync(line.AsMemory(), cancel);
            rejects += item switch
            {
                EdiItem.Foreign => 1,
                EdiItem.Document { Message.IsRejected: true } => 1,
                EdiItem.InterchangeEnd { Interchange: var read } when read.IsRejected || read.Groups.Exists(group => group.IsRejected) => 1,
                _ => 0,
            };
        }

        if (!items.Any(item => item is EdiItem.InterchangeEnd))
        {
            await errors.WriteLineAsync($"{file.Name}: no interchange in {bytes.Length.ToString("N0", CultureInfo.InvariantCulture)} bytes.".AsMemory(), cancel);
            return ExitUnreadable;
        }

        await output.WriteLineAsync((rejects == 0 ? "Nothing of it would be refused." : "Some of it would be refused.").AsMemory(), cancel);
        return rejects == 0 ? ExitSound : ExitFaults;
    }
}

/// <summary>Where a byte stands for a person: line and column, from 1.</summary>
internal sealed class EdiLines
{
    private readonly List<int> starts = [0];

    public EdiLines(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '\n')
                starts.Add(i + 1);
        }
    }

    public (int Line, int Column) At(long offset)
    {
        var at = starts.BinarySearch((int)Math.Min(offset, int.MaxValue));
        var line = at >= 0 ? at : ~at - 1;
        return (line + 1, (int)offset - starts[line] + 1);
    }
}

/// <summary>An interchange in plain words.</summary>
internal static class EdiWords
{
    public static IEnumerable<string> Of(EdiItem item, EdiLines lines, bool isWhole)
    {
        switch (item)
        {
            case EdiItem.Foreign foreign:
                yield return FaultOf(foreign.Fault, lines);
                break;
            case EdiItem.Document { Message: var message, Content: var content }:
                yield return $"{message.Type} {message.ControlNumber} ({message.Version}), {message.Segments} segments: {(message.IsRejected ? "refused" : message.Faults.Count > 0 ? "accepted, with remarks" : "accepted")}";
                foreach (var fault in message.Faults.Kept)
                    yield return FaultOf(fault, lines);
                if (message.Faults.Count > message.Faults.Kept.Count)
                    yield return $"    … and {message.Faults.Count - message.Faults.Kept.Count} more.";
                if (isWhole && content is not null)
                {
                    foreach (var line in Of(content))
                        yield return $"    {line}";
                }

                if (isWhole && message.Unread.Count > 0)
                    yield return $"    not read: {string.Join(", ", message.Unread.Select(one => $"{one.Tag} × {one.Count}"))}";
                break;
            case EdiItem.InterchangeEnd { Interchange: var read }:
                var envelope = read.Envelope;
                yield return $"{(envelope.Delimiters.Syntax == EdiSyntax.X12 ? "X12" : "EDIFACT")} interchange {envelope.ControlNumber} from {envelope.Sender} to {envelope.Receiver}, made {envelope.PreparedAt}, version {envelope.Version}{(envelope.IsTest ? ", a test" : "")}: {(read.IsRejected ? "refused" : read.Faults.Count > 0 ? "accepted, with remarks" : "accepted")}";
                foreach (var fault in read.Faults.Kept.Concat(read.Groups.SelectMany(group => group.Faults.Kept)))
                    yield return FaultOf(fault, lines);
                break;
        }
    }

    public static string FaultOf(EdiFault fault, EdiLines lines)
    {
        var (line, column) = lines.At(fault.At.Offset);
        var element = fault.At.Element == 0 ? "" : $"{fault.At.Element:00}{(fault.At.Component == 0 ? "" : $".{fault.At.Component}")}";
        return $"    line {line}, column {column}, {fault.Tag}{element}{(fault.Value.Length == 0 ? "" : $" '{fault.Value}'")}: {(fault.Weight == EdiWeight.Rejects ? "" : "remark: ")}{fault.Detail} [{fault.Kind}]";
    }

    private static IEnumerable<string> Of(EdiContent content) => content switch
    {
        InventoryReport report => [$"inventory report {report.Number} of {report.Date}{Parties(report.Parties)}", .. report.Lines.Select(line => $"{line.Line}: {Items(line.Items)}{(line.Location is { } place ? $" at {place.Value}" : "")}: {string.Join(", ", line.Quantities.Select(one => $"{one.Amount} {one.Unit} ({one.Qualifier}: {Meaning(one)})"))}")],
        PurchaseOrder order => [$"order {order.Number} of {order.Date}{Parties(order.Parties)}", .. order.Lines.Select(line => $"{line.Line}: {line.Quantity} {line.Unit} of {Items(line.Items)}{(line.Price is { } price ? $" at {price}" : "")}")],
        OrderResponse response => [$"answer {response.Number} to order {response.OrderNumber}: {response.Status}", .. response.Lines.Select(line => $"{line.Line}: {line.Ordered} {line.Unit} of {Items(line.Items)}: {string.Join(", ", line.Parts.Select(part => $"{part.Quantity} {part.Status}"))}")],
        DespatchAdvice advice => [$"despatch {advice.Number} of {advice.Date}{(advice.Carrier is null ? "" : $" by {advice.Carrier}")}{Parties(advice.Parties)}", .. advice.Levels.Select(level => $"{level.Kind} {level.Id}{(level.OrderNumber is null ? "" : $" for order {level.OrderNumber}")}{string.Concat(level.Ssccs.Select(sscc => $" SSCC {sscc}"))}: {string.Join(", ", level.Lines.Select(line => $"{line.Shipped} {line.Unit} of {Items(line.Items)}"))}")],
        WarehouseOrder order => [$"shipping order {order.Number}{Parties(order.Parties)}", .. order.Lines.Select(line => $"{line.Line}: {line.Quantity} {line.Unit} of {Items(line.Items)}")],
        WarehouseAdvice advice => [$"shipped for order {advice.Number} on {advice.Date}", .. advice.Lines.Select(line => $"{line.Line}: {line.Shipped} of {line.Ordered} {line.Unit} of {Items(line.Items)}{(line.Lot is null ? "" : $", lot {line.Lot}")}")],
        GroupAnswer answer => [$"answer to group {answer.FunctionalCode} {answer.ControlNumber}: {answer.Verdict}", .. answer.Messages.Select(message => $"{message.Type} {message.ControlNumber}: {message.Verdict}")],
        InterchangeAnswer answer => [$"answer to interchange {answer.ControlNumber}: {answer.Verdict}", .. answer.Messages.Select(message => $"{message.Type} {message.ControlNumber}: {message.Verdict}")],
        ApplicationAdvice advice => [$"word on {advice.Type} {advice.Reference}: {advice.Verdict}", .. advice.Lines.Select(line => $"{line.Line}: {line.Detail}")],
        _ => [],
    };

    private static string Items(IReadOnlyList<ItemCode> items) => string.Join(" / ", items.Select(item => $"{item.Qualifier} {item.Code}"));

    private static string Parties(IReadOnlyList<TradeParty> parties) => string.Concat(parties.Select(party => $", {party.Role} {party.Name ?? party.Id}"));

    private static string Meaning(TradeQuantity quantity) => new TradingSettings().MeaningOf(quantity)?.ToString() ?? "means what the partners have agreed";
}
