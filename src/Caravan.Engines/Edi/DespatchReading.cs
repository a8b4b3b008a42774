namespace Caravan.Engines.Edi;

/// <summary>Levels of a shipment that are being put together.</summary>
internal sealed class LevelReading(EdiFields fields)
{
    private readonly List<DespatchLevel> levels = [];
    private readonly HashSet<string> ids = new(StringComparer.Ordinal);

    public List<DespatchLevel> Levels => levels;

    public bool IsInLine => levels.Count > 0 && levels[^1].Lines.Count > 0;

    public void Begin(in EdiSegment segment, DespatchLevelKind kind)
    {
        var (id, parent) = (fields.Required(segment, 1), fields.Text(segment, 2) ?? "");
        if (parent.Length > 0 && !ids.Contains(parent))
            fields.Add(segment, EdiFaultKind.BadCode, EdiWeight.Rejects, 2, 0, "The level it lies in has not come before.");
        if (!ids.Add(id))
            fields.Add(segment, EdiFaultKind.Conflict, EdiWeight.Rejects, 1, 0, "Two levels have the same number.");
        levels.Add(new DespatchLevel { Id = id, Parent = parent, Kind = kind, At = new EdiPosition(segment.Offset, fields.Number) });
    }

    public void Change(Func<DespatchLevel, DespatchLevel> change) => levels[^1] = change(levels[^1]);

    public void Add(DespatchLine line) => Change(level => level with { Lines = [.. level.Lines, line] });

    public void ChangeLine(Func<DespatchLine, DespatchLine> change) => Change(level => level with { Lines = [.. level.Lines.SkipLast(1), change(level.Lines[^1])] });

    /// <summary>A container's code, without its application identifier; a wrong check digit is noted.</summary>
    public void AddSscc(in EdiSegment segment, int element, int component, string code)
    {
        var sscc = code.Length == 20 && code.StartsWith("00", StringComparison.Ordinal) ? code[2..] : code;
        if (sscc.Length != 18 || !sscc.All(char.IsAsciiDigit))
            fields.Add(segment, EdiFaultKind.BadCode, EdiWeight.Rejects, element, component, "A serial shipping container code has 18 digits.");
        Change(level => level with { Ssccs = [.. level.Ssccs, sscc] });
    }
}

/// <summary>X12 856 Ship Notice/Manifest: BSN, DTM, then HL loops with TD5, REF, N1, PRF, MAN, LIN, SN1, PID; CTT counts HL.</summary>
internal sealed class Despatch856(EdiFields fields) : MessageReader(fields)
{
    private readonly PartyReading parties = new(fields);
    private readonly LevelReading levels = new(fields);
    private readonly List<TradeReference> references = [];
    private readonly List<TradeDate> dates = [];
    private DespatchAdvice advice = new();
    private bool isBegun;

    private bool IsAtTop => levels.Levels.Count < 2;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.BSN:
                isBegun = true;
                advice = advice with { Purpose = Fields.Required(segment, 1), Number = Fields.Required(segment, 2), Date = Fields.Day(segment, 3, 4) };
                break;
            case Tags.HL:
                levels.Begin(segment, KindOf(segment));
                break;
            case Tags.DTM when IsAtTop:
                if (Fields.Day(segment, 2, 3) is { } date)
                    dates.Add(new TradeDate(Fields.Required(segment, 1), date));
                break;
            case Tags.TD5 when IsAtTop:
                advice = advice with { Carrier = advice.Carrier ?? Fields.Text(segment, 5) ?? Fields.Text(segment, 3) };
                break;
            case Tags.CTT:
                CheckTotal(segment, 1, 1, levels.Levels.Count, "levels (HL)");
                break;
            default:
                if (levels.Levels.Count == 0 || !ReadInLevel(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    private bool ReadInLevel(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.PRF:
                var (number, date) = (Fields.Required(segment, 1), Fields.Day(segment, 4));
                levels.Change(level => level with { OrderNumber = number, OrderDate = date });
                return true;
            case Tags.MAN:
                if (Fields.Required(segment, 1) == "GM")
                    levels.AddSscc(segment, 2, 0, Fields.Required(segment, 2));
                return true;
            case Tags.LIN:
                levels.Add(new DespatchLine { Line = Fields.Text(segment, 1) ?? "", Items = Items(segment, 2, 15) });
                return true;
            case Tags.SN1 when levels.IsInLine:
                var (shipped, unit, ordered) = (Fields.RequiredNumber(segment, 2), Fields.Text(segment, 3), Fields.Amount(segment, 5));
                levels.ChangeLine(line => line with { Shipped = shipped, Unit = unit, Ordered = ordered });
                return true;
            case Tags.PID when levels.IsInLine:
                var text = Fields.Text(segment, 5);
                levels.ChangeLine(line => line with { Description = line.Description ?? text });
                return true;
            case Tags.REF:
                var reference = new TradeReference(Fields.Required(segment, 1), Fields.Text(segment, 2) ?? Fields.Text(segment, 3) ?? "");
                if (levels.IsInLine)
                    levels.ChangeLine(line => line with { References = [.. line.References, reference] });
                else
                    references.Add(reference);
                return true;
            default:
                return IsAtTop && parties.Read(segment);
        }
    }

    // X12 element 735.
    private DespatchLevelKind KindOf(in EdiSegment hl)
    {
        switch (Fields.Required(hl, 3))
        {
            case "S":
                return DespatchLevelKind.Shipment;
            case "O":
                return DespatchLevelKind.Order;
            case "T":
                return DespatchLevelKind.Pallet;
            case "P":
                return DespatchLevelKind.Pack;
            case "I":
                return DespatchLevelKind.Item;
            default:
                Fields.Add(hl, EdiFaultKind.BadCode, EdiWeight.Rejects, 3, 0, "Levels S, O, T, P and I are read.");
                return DespatchLevelKind.Item;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BSN");
        Need(trailer, levels.Levels.Count > 0, "HL");
        return advice with { Parties = parties.Parties, References = references, Dates = dates, Levels = levels.Levels };
    }
}

/// <summary>EDIFACT DESADV: BGM, DTM, RFF, NAD, TDT, then CPS with PAC, GIN and LIN, PIA, IMD, QTY, RFF; CNT.</summary>
internal sealed class DespatchDesadv(EdiFields fields) : MessageReader(fields)
{
    private readonly PartyReading parties = new(fields);
    private readonly LevelReading levels = new(fields);
    private readonly List<TradeReference> references = [];
    private readonly List<TradeDate> dates = [];
    private DespatchAdvice advice = new();
    private bool isBegun;
    private int lines;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.BGM:
                isBegun = true;
                advice = advice with { Number = Fields.Required(segment, 2), Purpose = Fields.Text(segment, 3) ?? "" };
                break;
            case Tags.DTM when levels.Levels.Count == 0:
                if (Fields.Date(segment) is not { } date)
                    break;
                if (segment[1, 1] is [(byte)'1', (byte)'3', (byte)'7'])
                    advice = advice with { Date = date };
                else
                    dates.Add(new TradeDate(Fields.Required(segment, 1, 1), date));
                break;
            case Tags.RFF when levels.Levels.Count == 0:
                references.Add(new TradeReference(Fields.Required(segment, 1, 1), Fields.Text(segment, 1, 2) ?? ""));
                break;
            case Tags.TDT when levels.Levels.Count == 0:
                advice = advice with { Carrier = advice.Carrier ?? Fields.Text(segment, 5, 4) ?? Fields.Text(segment, 5, 1) };
                break;
            case Tags.CPS:
                levels.Begin(segment, segment[2].IsEmpty ? DespatchLevelKind.Shipment : DespatchLevelKind.Item);
                break;
            case Tags.CNT:
                if (segment[1, 1] is [(byte)'2'])
                    CheckTotal(segment, 1, 2, lines, "lines");
                break;
            default:
                if (levels.Levels.Count == 0 ? !parties.Read(segment) : !ReadInLevel(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    private bool ReadInLevel(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.PAC when !levels.IsInLine:
                // Element 7065: pallets of any kind; all else is a pack.
                var kind = Fields.Text(segment, 3) is "PAL" or "PX" or "200" or "201" or "202" or "203" ? DespatchLevelKind.Pallet : DespatchLevelKind.Pack;
                levels.Change(level => level with { Kind = kind });
                return true;
            case Tags.GIN:
                var what = Fields.Required(segment, 1);
                for (var element = 2; element <= 6; element++)
                {
                    if (Fields.Text(segment, element, 1) is not { } code)
                        continue;
                    if (what == "BJ")
                        levels.AddSscc(segment, element, 1, code);
                    else if (levels.IsInLine)
                        Refer(new TradeReference(what, code));
                }

                return true;
            case Tags.LIN:
                lines++;
                levels.Add(new DespatchLine { Line = Fields.Text(segment, 1) ?? "", Items = EdifactItems.Of(segment, Fields, Checked) });
                return true;
            default:
                return levels.IsInLine && ReadInLine(segment);
        }
    }

    private bool ReadInLine(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.PIA:
                EdifactItems.Additional(segment, Fields, item => levels.ChangeLine(line => line with { Items = [.. line.Items, item] }));
                return true;
            case Tags.IMD:
                var text = Fields.Text(segment, 3, 4);
                levels.ChangeLine(line => line with { Description = line.Description ?? text });
                return true;
            case Tags.QTY:
                var (qualifier, amount, unit) = (Fields.Required(segment, 1, 1), Fields.RequiredNumber(segment, 1, 2), Fields.Text(segment, 1, 3));
                if (qualifier == "12")
                    levels.ChangeLine(line => line with { Shipped = amount, Unit = unit });
                else if (qualifier == "21")
                    levels.ChangeLine(line => line with { Ordered = amount });
                return true;
            case Tags.RFF:
                Refer(new TradeReference(Fields.Required(segment, 1, 1), Fields.Text(segment, 1, 2) ?? ""));
                return true;
            default:
                return false;
        }
    }

    private void Refer(TradeReference reference) => levels.ChangeLine(line => line with { References = [.. line.References, reference] });

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BGM");
        return advice with { Parties = parties.Parties, References = references, Dates = dates, Levels = levels.Levels };
    }
}
