namespace Caravan.Engines.Edi;

/// <summary>X12 850 Purchase Order: BEG, CUR, REF, DTM, N1 loops, then PO1 with PID; CTT.</summary>
internal sealed class Order850(EdiFields fields) : MessageReader(fields)
{
    private readonly PartyReading parties = new(fields);
    private readonly List<PurchaseLine> lines = [];
    private readonly List<TradeReference> references = [];
    private readonly List<TradeDate> dates = [];
    private PurchaseOrder order = new();
    private bool isBegun;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.BEG:
                isBegun = true;
                order = order with { Purpose = Fields.Required(segment, 1), Kind = Fields.Required(segment, 2), Number = Fields.Required(segment, 3), Date = Fields.Day(segment, 5) };
                break;
            case Tags.CUR when lines.Count == 0:
                order = order with { Currency = Fields.Text(segment, 2) };
                break;
            case Tags.REF when lines.Count == 0:
                references.Add(new TradeReference(Fields.Required(segment, 1), Fields.Text(segment, 2) ?? Fields.Text(segment, 3) ?? ""));
                break;
            case Tags.DTM when lines.Count == 0:
                if (Fields.Day(segment, 2, 3) is { } date)
                    dates.Add(new TradeDate(Fields.Required(segment, 1), date));
                break;
            case Tags.PO1:
                var items = Items(segment, 6, 10);
                if (items.Count == 0)
                    Fields.Miss(segment, 7);
                lines.Add(new PurchaseLine
                {
                    Line = Fields.Text(segment, 1) ?? "",
                    At = new EdiPosition(segment.Offset, Fields.Number),
                    Quantity = Fields.RequiredNumber(segment, 2),
                    Unit = Fields.Text(segment, 3),
                    Price = Fields.Amount(segment, 4),
                    Items = items,
                });
                break;
            case Tags.PID when lines.Count > 0:
                lines[^1] = lines[^1] with { Description = lines[^1].Description ?? Fields.Text(segment, 5) };
                break;
            case Tags.CTT:
                CheckTotal(segment, 1, 1, lines.Count, "lines");
                break;
            case Tags.SDQ:
                Fields.Add(segment, EdiFaultKind.NotRead, EdiWeight.Rejects, 0, 0, "Quantities by place (SDQ) are not read here; taking the rest would lose them.");
                break;
            default:
                if (lines.Count > 0 || !parties.Read(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BEG");
        Need(trailer, lines.Count > 0, "PO1");
        return order with { Parties = parties.Parties, References = references, Dates = dates, Lines = lines };
    }
}

/// <summary>EDIFACT ORDERS: BGM, DTM, RFF, NAD, CUX, then LIN with PIA, IMD, QTY, PRI; UNS, CNT.</summary>
internal sealed class OrderOrders(EdiFields fields) : MessageReader(fields)
{
    private readonly PartyReading parties = new(fields);
    private readonly List<PurchaseLine> lines = [];
    private readonly List<TradeReference> references = [];
    private readonly List<TradeDate> dates = [];
    private readonly HashSet<int> counted = [];
    private PurchaseOrder order = new();
    private bool isBegun;
    private bool isOver;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.BGM:
                isBegun = true;
                order = order with { Kind = Fields.Required(segment, 1), Number = Fields.Required(segment, 2), Purpose = Fields.Text(segment, 3) ?? "" };
                break;
            case Tags.DTM when lines.Count == 0:
                if (Fields.Date(segment) is not { } date)
                    break;
                if (segment[1, 1] is [(byte)'1', (byte)'3', (byte)'7'])
                    order = order with { Date = date };
                else
                    dates.Add(new TradeDate(Fields.Required(segment, 1, 1), date));
                break;
            case Tags.RFF when lines.Count == 0:
                references.Add(new TradeReference(Fields.Required(segment, 1, 1), Fields.Text(segment, 1, 2) ?? ""));
                break;
            case Tags.CUX when lines.Count == 0:
                order = order with { Currency = Fields.Text(segment, 1, 2) };
                break;
            case Tags.UNS:
                isOver = true;
                break;
            case Tags.CNT:
                if (segment[1, 1] is [(byte)'2'])
                    CheckTotal(segment, 1, 2, lines.Count, "lines");
                break;
            case Tags.LIN:
                lines.Add(new PurchaseLine { Line = Fields.Text(segment, 1) ?? "", At = new EdiPosition(segment.Offset, Fields.Number), Items = EdifactItems.Of(segment, Fields, Checked) });
                break;
            default:
                if (lines.Count == 0 ? !parties.Read(segment) : isOver || !ReadInLine(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    private bool ReadInLine(in EdiSegment segment)
    {
        var line = lines[^1];
        switch (segment.Tag)
        {
            case Tags.PIA:
                EdifactItems.Additional(segment, Fields, item => line = line with { Items = [.. line.Items, item] });
                break;
            case Tags.IMD:
                line = line with { Description = line.Description ?? Fields.Text(segment, 3, 4) };
                break;
            case Tags.QTY:
                var qualifier = Fields.Required(segment, 1, 1);
                var amount = Fields.RequiredNumber(segment, 1, 2);
                if (qualifier != "21")
                    break;
                if (!counted.Add(lines.Count))
                    Fields.Add(segment, EdiFaultKind.Conflict, EdiWeight.Rejects, 0, 0, "The line tells twice how much is ordered.");
                line = line with { Quantity = amount, Unit = Fields.Text(segment, 1, 3) };
                break;
            case Tags.PRI:
                line = line with { Price = line.Price ?? Fields.Amount(segment, 1, 2) };
                break;
            default:
                return false;
        }

        lines[^1] = line;
        return true;
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BGM");
        Need(trailer, lines.Count > 0, "LIN");
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Items.Count == 0)
                Fields.Faults.Add(new EdiFault(EdiFaultKind.MissingElement, EdiWeight.Rejects, lines[i].At with { Element = 3 }, "LIN", "", "The line names no item."));
            if (!counted.Contains(i + 1))
                Fields.Faults.Add(new EdiFault(EdiFaultKind.MissingSegment, EdiWeight.Rejects, lines[i].At, "QTY", lines[i].Line, "The line does not say how much is ordered (QTY+21)."));
        }

        return order with { Parties = parties.Parties, References = references, Dates = dates, Lines = lines };
    }
}
