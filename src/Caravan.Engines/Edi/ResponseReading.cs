namespace Caravan.Engines.Edi;

/// <summary>X12 855 Purchase Order Acknowledgment: BAK, N1 loops, then PO1 with ACK; CTT.</summary>
internal sealed class Response855(EdiFields fields) : MessageReader(fields)
{
    private readonly PartyReading parties = new(fields);
    private readonly List<ResponseLine> lines = [];
    private OrderResponse response = new();
    private bool isBegun;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.BAK:
                isBegun = true;
                var status = Fields.Required(segment, 2) switch
                {
                    "AD" or "AK" or "AP" or "AT" => ResponseStatus.Accepted,
                    "RD" or "RJ" or "RO" => ResponseStatus.Rejected,
                    _ => ResponseStatus.Changed,
                };
                response = response with
                {
                    Purpose = Fields.Required(segment, 1),
                    Status = status,
                    OrderNumber = Fields.Required(segment, 3),
                    OrderDate = Fields.Day(segment, 4),
                    Number = Fields.Text(segment, 8) ?? "",
                    Date = Fields.Day(segment, 9),
                };
                break;
            case Tags.PO1:
                lines.Add(new ResponseLine
                {
                    Line = Fields.Text(segment, 1) ?? "",
                    At = new EdiPosition(segment.Offset, Fields.Number),
                    Ordered = Fields.RequiredNumber(segment, 2),
                    Unit = Fields.Text(segment, 3),
                    Price = Fields.Amount(segment, 4),
                    Items = Items(segment, 6, 10),
                });
                break;
            case Tags.ACK when lines.Count > 0:
                var part = new ResponsePart(StatusOf(Fields.Required(segment, 1)), Fields.Amount(segment, 2) ?? lines[^1].Ordered, Fields.Day(segment, 5));
                lines[^1] = lines[^1] with { Parts = [.. lines[^1].Parts, part] };
                break;
            case Tags.CTT:
                CheckTotal(segment, 1, 1, lines.Count, "lines");
                break;
            default:
                if (lines.Count > 0 || !parties.Read(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BAK");
        return response with { Parties = parties.Parties, Lines = lines };
    }

    // X12 element 668.
    private static ResponseStatus StatusOf(string code) => code switch
    {
        "IA" => ResponseStatus.Accepted,
        "IB" or "BP" => ResponseStatus.BackOrdered,
        "IR" or "ID" or "R1" or "R2" or "R3" or "R4" or "R5" or "R6" => ResponseStatus.Rejected,
        _ => ResponseStatus.Changed,
    };
}

/// <summary>EDIFACT ORDRSP: BGM, DTM, RFF+ON, NAD, then LIN with its action, QTY 21, 113 and 83, PRI; UNS, CNT.</summary>
internal sealed class ResponseOrdrsp(EdiFields fields) : MessageReader(fields)
{
    private readonly PartyReading parties = new(fields);
    private readonly List<(ResponseLine Line, string Action, decimal? Later, decimal? Delivered, EdiDate? Date)> lines = [];
    private OrderResponse response = new();
    private bool isBegun;
    private bool isOver;

    public override void Read(in EdiSegment segment)
    {
        switch (segment.Tag)
        {
            case Tags.BGM:
                isBegun = true;
                var status = Fields.Text(segment, 3) switch
                {
                    "29" or "9" or "6" => ResponseStatus.Accepted,
                    "27" => ResponseStatus.Rejected,
                    _ => ResponseStatus.Changed,
                };
                response = response with { Number = Fields.Required(segment, 2), Status = status };
                break;
            case Tags.DTM when lines.Count == 0:
                if (Fields.Date(segment) is not { } date)
                    break;
                if (segment[1, 1] is [(byte)'1', (byte)'3', (byte)'7'])
                    response = response with { Date = date };
                else if (segment[1, 1] is [(byte)'1', (byte)'7', (byte)'1'])
                    response = response with { OrderDate = date };
                break;
            case Tags.RFF when lines.Count == 0:
                if (segment[1, 1] is [(byte)'O', (byte)'N'])
                    response = response with { OrderNumber = Fields.Required(segment, 1, 2) };
                break;
            case Tags.LIN:
                lines.Add((new ResponseLine { Line = Fields.Text(segment, 1) ?? "", At = new EdiPosition(segment.Offset, Fields.Number), Items = EdifactItems.Of(segment, Fields, Checked) }, Fields.Text(segment, 2) ?? "", null, null, null));
                break;
            case Tags.UNS:
                isOver = true;
                break;
            case Tags.CNT:
                if (segment[1, 1] is [(byte)'2'])
                    CheckTotal(segment, 1, 2, lines.Count, "lines");
                break;
            default:
                if (lines.Count == 0 ? !parties.Read(segment) : isOver || !ReadInLine(segment))
                    Fields.PassOver(segment);
                break;
        }
    }

    private bool ReadInLine(in EdiSegment segment)
    {
        var (line, action, later, delivered, date) = lines[^1];
        switch (segment.Tag)
        {
            case Tags.PIA:
                EdifactItems.Additional(segment, Fields, item => line = line with { Items = [.. line.Items, item] });
                break;
            case Tags.QTY:
                var qualifier = Fields.Required(segment, 1, 1);
                var amount = Fields.RequiredNumber(segment, 1, 2);
                if (qualifier == "21")
                    line = line with { Ordered = amount, Unit = Fields.Text(segment, 1, 3) };
                else if (qualifier == "83")
                    later = amount;
                else if (qualifier is "113" or "12")
                    delivered = amount;
                break;
            case Tags.DTM:
                date = Fields.Date(segment) ?? date;
                break;
            case Tags.PRI:
                line = line with { Price = line.Price ?? Fields.Amount(segment, 1, 2) };
                break;
            default:
                return false;
        }

        lines[^1] = (line, action, later, delivered, date);
        return true;
    }

    public override EdiContent Finish(in EdiSegment trailer)
    {
        Need(trailer, isBegun, "BGM");
        return response with { Parties = parties.Parties, Lines = [.. lines.Select(one => one.Line with { Parts = PartsOf(one.Line, one.Action, one.Later, one.Delivered, one.Date) })] };
    }

    // EDIFACT element 1229: 5 accepted, 3 changed, 7 not accepted. What is neither delivered nor comes later is not to be had.
    private static List<ResponsePart> PartsOf(ResponseLine line, string action, decimal? later, decimal? delivered, EdiDate? date)
    {
        if (action is "5" or "" && later is null && delivered is null)
            return [new ResponsePart(ResponseStatus.Accepted, line.Ordered, date)];
        if (action == "7" && later is null && delivered is null)
            return [new ResponsePart(ResponseStatus.Rejected, line.Ordered, date)];

        List<ResponsePart> parts = [];
        if (delivered is { } comes)
            parts.Add(new ResponsePart(action == "5" ? ResponseStatus.Accepted : ResponseStatus.Changed, comes, date));
        if (later is { } waits)
            parts.Add(new ResponsePart(ResponseStatus.BackOrdered, waits, date));
        var rest = line.Ordered - (delivered ?? 0) - (later ?? 0);
        if (rest > 0 && parts.Count > 0)
            parts.Add(new ResponsePart(ResponseStatus.Rejected, rest, date));
        return parts;
    }
}
