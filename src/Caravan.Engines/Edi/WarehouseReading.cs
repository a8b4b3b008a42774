namespace Caravan.Engines.Edi;

/// <summary>X12 940 Warehouse Shipping Order: W05, N1 loops, N9, G62, then LX, W01, G69, N9; W76.</summary>
internal sealed class Warehouse940(EdiFields fields) : MessageReader(fields)
{
    private readonly PartyReading parties = new(fields);
    private readonly List<TradeReference> references = [];
    private readonly List<TradeDate> dates = [];
    private readonly List<WarehouseLine> lines = [];
    private WarehouseOrder order = new();
    private bool isBegun;
    private string? number;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.W05:
                isBegun = true;
                order = order with { Purpose = Fields.Required(segment, 1), Number = Fields.Required(segment, 2), PurchaseOrder = Fields.Text(segment, 3) };
                break;
            case Tags.N9:
                var reference = new TradeReference(Fields.Required(segment, 1), Fields.Text(segment, 2) ?? Fields.Text(segment, 3) ?? "");
                if (lines.Count == 0)
                    references.Add(reference);
                else
                    lines[^1] = lines[^1] with { References = [.. lines[^1].References, reference] };
                break;
            case Tags.G62 when lines.Count == 0:
                if (Fields.Day(segment, 2, 4) is { } date)
                    dates.Add(new TradeDate(Fields.Required(segment, 1), date));
                break;
            case Tags.LX:
                number = Fields.Required(segment, 1);
                break;
            case Tags.W01:
                lines.Add(new WarehouseLine
                {
                    Line = number ?? $"{lines.Count + 1}",
                    At = new EdiPosition(segment.Offset, Fields.Number),
                    Quantity = Fields.RequiredNumber(segment, 1),
                    Unit = Fields.Required(segment, 2),
                    Items = WarehouseItems.Of(Fields, Checked, segment, upc: 3, first: 4, second: 6),
                });
                number = null;
                break;
            case Tags.G69 when lines.Count > 0:
                lines[^1] = lines[^1] with { Description = Fields.Text(segment, 1) };
                break;
            case Tags.W76:
                if (Fields.Amount(segment, 1) is { } total && total != lines.Sum(line => line.Quantity))
                    Fields.Add(segment, EdiFaultKind.CountMismatch, EdiWeight.Note, 1, 0, $"The message tells of {total} units, its lines of {lines.Sum(line => line.Quantity)}.");
                break;
            default:
                if (lines.Count > 0 || !parties.Read(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "W05");
        Need(trailer, lines.Count > 0, "W01");
        return order with { Parties = parties.Parties, References = references, Dates = dates, Lines = lines };
    }
}

/// <summary>X12 945 Warehouse Shipping Advice: W06, N1 loops, N9, G62, then LX, W12, G69, N9; W03.</summary>
internal sealed class Warehouse945(EdiFields fields) : MessageReader(fields)
{
    private readonly PartyReading parties = new(fields);
    private readonly List<TradeReference> references = [];
    private readonly List<TradeDate> dates = [];
    private readonly List<ShippedLine> lines = [];
    private WarehouseAdvice advice = new();
    private bool isBegun;
    private string? number;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.W06:
                isBegun = true;
                advice = advice with { Purpose = Fields.Required(segment, 1), Number = Fields.Required(segment, 2), Date = Fields.Day(segment, 3), Shipment = Fields.Text(segment, 4), PurchaseOrder = Fields.Text(segment, 6) };
                break;
            case Tags.N9:
                var reference = new TradeReference(Fields.Required(segment, 1), Fields.Text(segment, 2) ?? Fields.Text(segment, 3) ?? "");
                if (lines.Count == 0)
                    references.Add(reference);
                else
                    lines[^1] = lines[^1] with { References = [.. lines[^1].References, reference] };
                break;
            case Tags.G62 when lines.Count == 0:
                if (Fields.Day(segment, 2, 4) is { } date)
                    dates.Add(new TradeDate(Fields.Required(segment, 1), date));
                break;
            case Tags.LX:
                number = Fields.Required(segment, 1);
                break;
            case Tags.W12:
                Add(segment);
                break;
            case Tags.G69 when lines.Count > 0:
                lines[^1] = lines[^1] with { Description = Fields.Text(segment, 1) };
                break;
            case Tags.W03:
                if (Fields.Amount(segment, 1) is { } total && total != lines.Sum(line => line.Shipped))
                    Fields.Add(segment, EdiFaultKind.CountMismatch, EdiWeight.Note, 1, 0, $"The message tells of {total} units, its lines of {lines.Sum(line => line.Shipped)}.");
                break;
            default:
                if (lines.Count > 0 || !parties.Read(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    private void Add(in EdiSegment w12)
    {
        var line = new ShippedLine
        {
            Line = number ?? $"{lines.Count + 1}",
            At = new EdiPosition(w12.Offset, Fields.Number),
            Status = Fields.Required(w12, 1),
            Ordered = Fields.Amount(w12, 2) ?? 0,
            Shipped = Fields.Amount(w12, 3) ?? Fields.Amount(w12, 2) ?? 0,
            Unit = Fields.Text(w12, 5),
            Items = WarehouseItems.Of(Fields, Checked, w12, upc: 6, first: 7, second: 17),
            Lot = Fields.Text(w12, 9),
        };
        number = null;
        if (w12[2].IsEmpty && w12[3].IsEmpty)
            Fields.Miss(w12, 3);
        if (Fields.Amount(w12, 4) is { } difference && !w12[2].IsEmpty && !w12[3].IsEmpty && Math.Abs(difference) != Math.Abs(line.Ordered - line.Shipped))
            Fields.Add(w12, EdiFaultKind.Conflict, EdiWeight.Rejects, 4, 0, $"{line.Ordered} ordered and {line.Shipped} shipped do not differ by {difference}.");
        lines.Add(line);
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "W06");
        return advice with { Parties = parties.Parties, References = references, Dates = dates, Lines = lines };
    }
}

/// <summary>Item numbers of the warehouse segments: a case code of its own, and pairs of qualifier and number.</summary>
internal static class WarehouseItems
{
    public static List<ItemCode> Of(EdiFields fields, EdifactItems.Check check, in EdiSegment segment, int upc, int first, int second)
    {
        List<ItemCode> items = new(2);
        if (fields.Text(segment, upc) is { } code)
            items.Add(check(segment, upc, 0, new ItemCode("UA", code)));
        foreach (var at in (ReadOnlySpan<int>)[first, second])
        {
            var (qualifier, number) = (fields.Text(segment, at), fields.Text(segment, at + 1));
            if (qualifier is not null && number is not null)
                items.Add(check(segment, at + 1, 0, new ItemCode(qualifier, number)));
            else if (qualifier is not null || number is not null)
                fields.Add(segment, EdiFaultKind.MissingPair, EdiWeight.Rejects, qualifier is null ? at : at + 1, 0, "A qualifier and its number come together; one of them is not there.");
        }

        if (items.Count == 0)
            fields.Miss(segment, upc);
        return items;
    }
}
