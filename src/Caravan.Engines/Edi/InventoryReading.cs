namespace Caravan.Engines.Edi;

/// <summary>What the readers of 846 and INVRPT have in common: lines that are being put together.</summary>
internal abstract class InventoryReading(EdiFields fields) : MessageReader(fields)
{
    private readonly List<InventoryLine> lines = [];
    private readonly List<TradeQuantity> quantities = [];
    private readonly List<TradeReference> references = [];
    private readonly HashSet<string> units = new(StringComparer.Ordinal);
    private string? lastUnit;
    private string number = "";
    private List<ItemCode>? items;
    private EdiPosition at;
    private string? description;
    private TradeReference? location;

    protected InventoryReport Report { get; set; } = new();

    protected PartyReading Parties { get; } = new(fields);

    protected bool IsInLine => items is not null;

    protected int LineCount { get; private set; }

    protected TradeReference? Location => location;

    protected TradeQuantity? Last => quantities.Count > 0 ? quantities[^1] : null;

    public override EdiContent Finish(in EdiSegment trailer)
    {
        EndLine(trailer);
        if (units.Count > 1)
            Fields.Add(trailer, EdiFaultKind.Conflict, EdiWeight.Note, 0, 0, $"The message mixes units: {string.Join(", ", units.Order())}.");
        return Report with { Parties = Parties.Parties, Lines = lines };
    }

    protected void Begin(in EdiSegment lin, string line, List<ItemCode> codes)
    {
        EndLine(lin);
        LineCount++;
        (number, items) = (line, codes);
        at = new EdiPosition(lin.Offset, Fields.Number);
    }

    protected void Add(ItemCode item) => items?.Add(item);

    protected void Describe(string? text) => description ??= text;

    protected void Refer(TradeReference reference) => references.Add(reference);

    protected void Quantity(in EdiSegment qty, TradeQuantity quantity)
    {
        if (items is null)
        {
            Fields.Add(qty, EdiFaultKind.Misplaced, EdiWeight.Rejects, 0, 0, "A quantity without an item before it.");
            return;
        }

        quantities.Add(quantity);
        Note(quantity.Unit);
    }

    private void Note(string? unit)
    {
        if (unit is null || ReferenceEquals(unit, lastUnit))
            return;
        units.Add(unit);
        lastUnit = unit;
    }

    /// <summary>Says more of the last quantity.</summary>
    protected void Amend(TradeQuantity quantity)
    {
        quantities[^1] = quantity;
        Note(quantity.Unit);
    }

    /// <summary>Where the line's stock is. A second place takes the last quantity along and is a line of its own.</summary>
    protected void Place(in EdiSegment segment, TradeReference place)
    {
        if (location is { } known && known != place && quantities.Count > 1 && items is { } codes)
        {
            var moved = quantities[^1];
            quantities.RemoveAt(quantities.Count - 1);
            EndLine(segment);
            items = codes;
            quantities.Add(moved);
        }

        location = place;
    }

    protected void EndLine(in EdiSegment next)
    {
        if (items is null)
            return;

        if (items.Count == 0)
            Blame(EdiFaultKind.MissingElement, "LIN", "The line names no item.");
        if (quantities.Count == 0)
            Blame(EdiFaultKind.MissingSegment, "QTY", "The line has no quantity.");
        for (var i = 1; i < quantities.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (quantities[i].Qualifier == quantities[j].Qualifier && quantities[i].Movement == quantities[j].Movement)
                    Fields.Add(next, EdiFaultKind.Conflict, quantities[i] == quantities[j] ? EdiWeight.Note : EdiWeight.Rejects, 0, 0, $"Line {number} before this segment tells of quantity {quantities[i].Qualifier} twice.");
            }
        }

        lines.Add(new InventoryLine { Line = number, At = at, Items = items, Description = description, Quantities = quantities.ToArray(), Location = location, References = references.Count == 0 ? [] : [.. references] });
        (items, description, location) = (null, null, null);
        quantities.Clear();
        references.Clear();
    }

    private void Blame(EdiFaultKind kind, string tag, string detail) =>
        Fields.Faults.Add(new EdiFault(kind, EdiWeight.Rejects, kind == EdiFaultKind.MissingElement ? at with { Element = 3 } : at, tag, number, detail));
}

/// <summary>X12 846 Inventory Inquiry/Advice: BIA, N1 loops, then LIN with QTY, UIT, PID, REF, N1; CTT.</summary>
internal sealed class Inventory846(EdiFields fields) : InventoryReading(fields)
{
    private bool isBegun;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.LIN:
                Begin(segment, Fields.Text(segment, 1) ?? "", Items(segment, 2, 15));
                break;
            case Tags.QTY:
                Quantity(segment, new TradeQuantity(Fields.Required(segment, 1), Fields.RequiredNumber(segment, 2), Fields.Text(segment, 3)));
                break;
            case Tags.UIT when Last is { } last:
                var unit = Fields.Required(segment, 1);
                if (last.Unit is { } said && said != unit)
                    Fields.Add(segment, EdiFaultKind.Conflict, EdiWeight.Rejects, 1, 0, $"The quantity before is in {said}, this says {unit}.");
                Amend(last with { Unit = unit });
                break;
            case Tags.PID when IsInLine:
                Describe(Fields.Text(segment, 5));
                break;
            case Tags.REF when IsInLine:
                Refer(new TradeReference(Fields.Required(segment, 1), Fields.Text(segment, 2) ?? Fields.Text(segment, 3) ?? ""));
                break;
            case Tags.N1 when IsInLine:
                Place(segment, new TradeReference(Fields.Text(segment, 3) ?? "", Fields.Text(segment, 4) ?? Fields.Text(segment, 2) ?? ""));
                break;
            case Tags.BIA:
                isBegun = true;
                Report = Report with { Purpose = Fields.Required(segment, 1), Kind = Fields.Required(segment, 2), Number = Fields.Required(segment, 3), Date = Fields.Day(segment, 4, 5) };
                break;
            case Tags.CTT:
                CheckTotal(segment, 1, 1, LineCount, "lines");
                EndLine(segment);
                break;
            case Tags.SDQ:
                Fields.Add(segment, EdiFaultKind.NotRead, EdiWeight.Rejects, 0, 0, "Quantities by place (SDQ) are not read here; taking the rest would lose them.");
                break;
            default:
                if (IsInLine || !Parties.Read(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BIA");
        return base.Finish(trailer);
    }
}

/// <summary>EDIFACT INVRPT: BGM, DTM, NAD, then LIN with PIA, IMD and groups of QTY, INV, LOC, DTM; CNT.</summary>
internal sealed class InventoryInvrpt(EdiFields fields) : InventoryReading(fields)
{
    private EdifactItems.Check? check;
    private Action<ItemCode>? add;
    private bool isBegun;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.LIN:
                Begin(segment, Fields.Text(segment, 1) ?? "", EdifactItems.Of(segment, Fields, check ??= Checked));
                break;
            case Tags.PIA when IsInLine:
                EdifactItems.Additional(segment, Fields, add ??= Add);
                break;
            case Tags.IMD when IsInLine:
                Describe(Fields.Text(segment, 3, 4));
                break;
            case Tags.QTY:
                segment.Cut(1, out var qualifier, out var amount, out var unit);
                Quantity(segment, new TradeQuantity(Fields.Required(segment, qualifier, 1, 1), Fields.RequiredNumber(segment, amount, 1, 2), Fields.Text(segment, unit)));
                break;
            case Tags.INV when Last is { } last:
                Amend(last with { Movement = segment[1] is [(byte)'1'] ? StockMovement.Out : segment[1] is [(byte)'2'] ? StockMovement.In : StockMovement.None });
                break;
            case Tags.LOC when IsInLine:
                Place(segment, new TradeReference(Fields.Text(segment, 1) ?? "", Fields.Required(segment, 2)));
                break;
            case Tags.RFF when IsInLine:
                Refer(new TradeReference(Fields.Required(segment, 1, 1), Fields.Text(segment, 1, 2) ?? ""));
                break;
            case Tags.BGM:
                isBegun = true;
                Report = Report with { Kind = Fields.Required(segment, 1), Number = Fields.Required(segment, 2), Purpose = Fields.Text(segment, 3) ?? "" };
                break;
            case Tags.DTM when !IsInLine:
                if (Fields.Date(segment) is { } date && segment[1, 1] is [(byte)'1', (byte)'3', (byte)'7'])
                    Report = Report with { Date = date };
                break;
            case Tags.CNT:
                if (segment[1, 1] is [(byte)'2'])
                    CheckTotal(segment, 1, 2, LineCount, "lines");
                EndLine(segment);
                break;
            default:
                if (IsInLine || !Parties.Read(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BGM");
        return base.Finish(trailer);
    }
}

/// <summary>Item numbers as EDIFACT writes them: LIN C212 and PIA.</summary>
internal static class EdifactItems
{
    public delegate ItemCode Check(in EdiSegment segment, int element, int component, ItemCode item);

    public static List<ItemCode> Of(in EdiSegment lin, EdiFields fields, Check check)
    {
        // Most lines have another number in PIA.
        List<ItemCode> items = new(2);
        lin.Cut(3, out var number, out var qualifier, out _);
        if (fields.Text(lin, number) is { } code)
            items.Add(check(lin, 3, 1, new ItemCode(fields.Required(lin, qualifier, 3, 2), code)));
        return items;
    }

    public static void Additional(in EdiSegment pia, EdiFields fields, Action<ItemCode> add)
    {
        for (var element = 2; element <= Math.Min(6, pia.Count); element++)
        {
            pia.Cut(element, out var number, out var qualifier, out _);
            if (fields.Text(pia, number) is { } code)
                add(new ItemCode(fields.Required(pia, qualifier, element, 2), code));
        }
    }
}
