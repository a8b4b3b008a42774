using System.Diagnostics;
using System.Globalization;

namespace Caravan.Engines.Edi;

/// <summary>Writes what a message says as the segments of its type; what the readers read of it is the same again.</summary>
public static class DocumentWriting
{
    /// <summary>The message type of a content in one of the two standards; null when it has none there.</summary>
    public static string? TypeOf(EdiContent content, EdiSyntax syntax) => (content, syntax) switch
    {
        (InventoryReport, EdiSyntax.X12) => "846",
        (PurchaseOrder, EdiSyntax.X12) => "850",
        (OrderResponse, EdiSyntax.X12) => "855",
        (DespatchAdvice, EdiSyntax.X12) => "856",
        (WarehouseOrder, EdiSyntax.X12) => "940",
        (WarehouseAdvice, EdiSyntax.X12) => "945",
        (GroupAnswer, EdiSyntax.X12) => "997",
        (ApplicationAdvice, EdiSyntax.X12) => "824",
        (InventoryReport, EdiSyntax.Edifact) => "INVRPT",
        (PurchaseOrder, EdiSyntax.Edifact) => "ORDERS",
        (OrderResponse, EdiSyntax.Edifact) => "ORDRSP",
        (DespatchAdvice, EdiSyntax.Edifact) => "DESADV",
        (InterchangeAnswer, EdiSyntax.Edifact) => "CONTRL",
        (ApplicationAdvice, EdiSyntax.Edifact) => "APERAK",
        _ => null,
    };

    /// <summary>The group that a message type travels in (X12 element 479).</summary>
    public static string FunctionalCode(string type) => MessageReader.FunctionalCode(type);

    /// <summary>The version of a message type that is written here: directory D.96A with the EANCOM subset, CONTRL of syntax 2.</summary>
    public static string VersionOf(string type) => type switch
    {
        "INVRPT" => "D:96A:UN:EAN004",
        "ORDERS" => "D:96A:UN:EAN008",
        "ORDRSP" => "D:96A:UN:EAN005",
        "DESADV" => "D:96A:UN:EAN005",
        "APERAK" => "D:96A:UN:EAN003",
        "CONTRL" => "2:2:UN:EAN002",
        _ => "",
    };

    /// <summary>Writes one message, header to trailer.</summary>
    public static void Write(EdiWriter writer, EdiContent content, string controlNumber)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var type = TypeOf(content, writer.Syntax) ?? throw new ArgumentException("This standard has no message for that.", nameof(content));
        writer.OpenMessage(type, controlNumber, VersionOf(type));
        switch (content)
        {
            case InventoryReport report:
                InventoryWriting.Write(writer, report);
                break;
            case PurchaseOrder order:
                OrderWriting.Write(writer, order);
                break;
            case OrderResponse response:
                OrderWriting.Write(writer, response);
                break;
            case DespatchAdvice advice:
                DespatchWriting.Write(writer, advice);
                break;
            case WarehouseOrder order:
                WarehouseWriting.Write(writer, order);
                break;
            case WarehouseAdvice advice:
                WarehouseWriting.Write(writer, advice);
                break;
            case GroupAnswer answer:
                AnswerWriting.Write(writer, answer);
                break;
            case InterchangeAnswer answer:
                AnswerWriting.Contrl(writer, answer);
                break;
            case ApplicationAdvice advice:
                AnswerWriting.Write(writer, advice);
                break;
            default:
                throw new UnreachableException();
        }

        writer.CloseMessage();
    }
}

/// <summary>Parts that several messages share.</summary>
internal static class CommonWriting
{
    public static string Number(decimal number) => EdiValue.Number(number);

    public static string? Number(decimal? number) => number is { } known ? EdiValue.Number(known) : null;

    public static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);

    public static string? Day(EdiDate? date) => date is { } known ? EdiValue.Day(known.Day) : null;

    public static string? Time(EdiDate? date) => date?.Time is { } time ? EdiValue.Time(time) : null;

    /// <summary>X12 DTM and G62.</summary>
    public static void Dates(EdiWriter writer, IReadOnlyList<TradeDate> dates)
    {
        foreach (var date in dates)
            writer.Segment("DTM", date.Qualifier, Day(date.Date), Time(date.Date));
    }

    /// <summary>EDIFACT DTM.</summary>
    public static void Date(EdiWriter writer, string qualifier, EdiDate? date)
    {
        if (date is not { } known)
            return;

        var (text, format) = known.Time is not { } time ? (EdiValue.Day(known.Day), "102") : (EdiValue.Day(known.Day) + EdiValue.Time(time), time.Second == 0 ? "203" : "204");
        writer.Begin("DTM");
        writer.Composite(qualifier, text, format);
        writer.End();
    }

    public static void References(EdiWriter writer, string tag, IReadOnlyList<TradeReference> references)
    {
        foreach (var reference in references)
        {
            if (writer.Syntax == EdiSyntax.X12)
            {
                writer.Segment(tag, reference.Qualifier, reference.Value);
                continue;
            }

            writer.Begin(tag);
            writer.Composite(reference.Qualifier, reference.Value);
            writer.End();
        }
    }

    public static void Parties(EdiWriter writer, IReadOnlyList<TradeParty> parties)
    {
        foreach (var party in parties)
        {
            if (writer.Syntax == EdiSyntax.X12)
                N1(writer, party);
            else
                Nad(writer, party);
        }
    }

    private static void N1(EdiWriter writer, TradeParty party)
    {
        writer.Segment("N1", party.Role, party.Name, party.IdQualifier, party.Id);
        foreach (var pair in party.Street.Chunk(2))
            writer.Segment("N3", pair);
        if ((party.City ?? party.Region ?? party.PostalCode ?? party.Country) is not null)
            writer.Segment("N4", party.City, party.Region, party.PostalCode, party.Country);
    }

    private static void Nad(EdiWriter writer, TradeParty party)
    {
        writer.Begin("NAD");
        writer.Element(party.Role);
        writer.Composite(party.Id, "", party.IdQualifier);
        writer.Element("");
        writer.Element(party.Name);
        writer.Composite([.. party.Street.Take(4)]);
        foreach (var element in (ReadOnlySpan<string?>)[party.City, party.Region, party.PostalCode, party.Country])
            writer.Element(element);
        writer.End();
    }

    /// <summary>X12: pairs of qualifier and number from an element on.</summary>
    public static IEnumerable<string?> Pairs(IReadOnlyList<ItemCode> items) => items.SelectMany(item => (string?[])[item.Qualifier, item.Code]);

    /// <summary>EDIFACT: LIN with the first number, PIA with the others.</summary>
    public static void Lin(EdiWriter writer, string line, string action, IReadOnlyList<ItemCode> items)
    {
        writer.Begin("LIN");
        writer.Element(line);
        writer.Element(action);
        if (items.Count > 0)
            writer.Composite(items[0].Code, items[0].Qualifier);
        writer.End();
        foreach (var few in items.Skip(1).Chunk(5))
        {
            writer.Begin("PIA");
            writer.Element("1");
            foreach (var item in few)
                writer.Composite(item.Code, item.Qualifier);
            writer.End();
        }
    }

    public static void Quantity(EdiWriter writer, string qualifier, decimal amount, string? unit)
    {
        writer.Begin("QTY");
        writer.Composite(qualifier, Number(amount), unit);
        writer.End();
    }

    public static void Describe(EdiWriter writer, string? text)
    {
        if (text is null)
            return;

        if (writer.Syntax == EdiSyntax.X12)
        {
            writer.Segment("PID", "F", "", "", "", text);
            return;
        }

        writer.Begin("IMD");
        writer.Element("F");
        writer.Element("");
        writer.Composite("", "", "", text);
        writer.End();
    }

    /// <summary>EDIFACT: end of the lines, and how many there were.</summary>
    public static void Total(EdiWriter writer, int lines, bool hasSummary)
    {
        if (writer.Syntax == EdiSyntax.X12)
        {
            writer.Segment("CTT", Count(lines));
            return;
        }

        if (hasSummary)
            writer.Segment("UNS", "S");
        writer.Begin("CNT");
        writer.Composite("2", Count(lines));
        writer.End();
    }
}

/// <summary>846 and INVRPT.</summary>
internal static class InventoryWriting
{
    public static void Write(EdiWriter writer, InventoryReport report)
    {
        if (writer.Syntax == EdiSyntax.X12)
        {
            writer.Segment("BIA", report.Purpose, report.Kind, report.Number, CommonWriting.Day(report.Date), CommonWriting.Time(report.Date));
        }
        else
        {
            writer.Segment("BGM", report.Kind, report.Number, report.Purpose);
            CommonWriting.Date(writer, "137", report.Date);
        }

        CommonWriting.Parties(writer, report.Parties);
        foreach (var line in report.Lines)
        {
            if (writer.Syntax == EdiSyntax.X12)
                X12(writer, line);
            else
                Edifact(writer, line);
        }

        CommonWriting.Total(writer, report.Lines.Count, hasSummary: false);
    }

    private static void X12(EdiWriter writer, InventoryLine line)
    {
        writer.Segment("LIN", [line.Line, .. CommonWriting.Pairs(line.Items)]);
        CommonWriting.Describe(writer, line.Description);
        CommonWriting.References(writer, "REF", line.References);
        foreach (var quantity in line.Quantities)
            writer.Segment("QTY", quantity.Qualifier, CommonWriting.Number(quantity.Amount), quantity.Unit);
        if (line.Location is { } place)
            writer.Segment("N1", "WH", "", place.Qualifier, place.Value);
    }

    private static void Edifact(EdiWriter writer, InventoryLine line)
    {
        CommonWriting.Lin(writer, line.Line, "", line.Items);
        CommonWriting.Describe(writer, line.Description);
        CommonWriting.References(writer, "RFF", line.References);
        foreach (var quantity in line.Quantities)
        {
            CommonWriting.Quantity(writer, quantity.Qualifier, quantity.Amount, quantity.Unit);
            if (quantity.Movement != StockMovement.None)
                writer.Segment("INV", quantity.Movement == StockMovement.Out ? "1" : "2");
        }

        if (line.Location is { } place)
            writer.Segment("LOC", place.Qualifier, place.Value);
    }
}
