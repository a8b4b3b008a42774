using System.Diagnostics;

namespace Caravan.Engines.Edi;

/// <summary>850 and ORDERS, 855 and ORDRSP.</summary>
internal static class OrderWriting
{
    public static void Write(EdiWriter writer, PurchaseOrder order)
    {
        if (writer.Syntax == EdiSyntax.X12)
        {
            writer.Segment("BEG", order.Purpose, order.Kind, order.Number, "", CommonWriting.Day(order.Date));
            if (order.Currency is not null)
                writer.Segment("CUR", "BY", order.Currency);
            CommonWriting.References(writer, "REF", order.References);
            CommonWriting.Dates(writer, order.Dates);
            CommonWriting.Parties(writer, order.Parties);
            foreach (var line in order.Lines)
            {
                writer.Segment("PO1", [line.Line, CommonWriting.Number(line.Quantity), line.Unit, CommonWriting.Number(line.Price), "", .. CommonWriting.Pairs(line.Items)]);
                CommonWriting.Describe(writer, line.Description);
            }

            CommonWriting.Total(writer, order.Lines.Count, hasSummary: false);
            return;
        }

        writer.Segment("BGM", order.Kind, order.Number, order.Purpose);
        CommonWriting.Date(writer, "137", order.Date);
        foreach (var date in order.Dates)
            CommonWriting.Date(writer, date.Qualifier, date.Date);
        CommonWriting.References(writer, "RFF", order.References);
        CommonWriting.Parties(writer, order.Parties);
        if (order.Currency is not null)
        {
            writer.Begin("CUX");
            writer.Composite("2", order.Currency, "9");
            writer.End();
        }

        foreach (var line in order.Lines)
        {
            CommonWriting.Lin(writer, line.Line, "", line.Items);
            CommonWriting.Describe(writer, line.Description);
            CommonWriting.Quantity(writer, "21", line.Quantity, line.Unit);
            Price(writer, line.Price);
        }

        CommonWriting.Total(writer, order.Lines.Count, hasSummary: true);
    }

    public static void Write(EdiWriter writer, OrderResponse response)
    {
        if (writer.Syntax == EdiSyntax.X12)
            X12(writer, response);
        else
            Edifact(writer, response);
    }

    private static void X12(EdiWriter writer, OrderResponse response)
    {
        // X12 element 587: with detail and without change, with change, rejected.
        var status = response.Status switch { ResponseStatus.Accepted => "AD", ResponseStatus.Rejected => "RD", _ => "AC" };
        writer.Segment("BAK", response.Purpose, status, response.OrderNumber, CommonWriting.Day(response.OrderDate), "", "", "", response.Number, CommonWriting.Day(response.Date));
        CommonWriting.Parties(writer, response.Parties);
        foreach (var line in response.Lines)
        {
            writer.Segment("PO1", [line.Line, CommonWriting.Number(line.Ordered), line.Unit, CommonWriting.Number(line.Price), "", .. CommonWriting.Pairs(line.Items)]);
            foreach (var part in line.Parts)
            {
                // X12 element 668; 067 and 068 of element 374: promised and current schedule.
                var code = part.Status switch { ResponseStatus.Accepted => "IA", ResponseStatus.Changed => "IC", ResponseStatus.BackOrdered => "IB", ResponseStatus.Rejected => "IR", _ => throw new UnreachableException() };
                writer.Segment("ACK", code, CommonWriting.Number(part.Quantity), line.Unit ?? "EA", part.Date is null ? "" : "068", CommonWriting.Day(part.Date));
            }
        }

        CommonWriting.Total(writer, response.Lines.Count, hasSummary: false);
    }

    private static void Edifact(EdiWriter writer, OrderResponse response)
    {
        // EDIFACT element 1225: accepted without amendment, change, not accepted.
        writer.Segment("BGM", "231", response.Number, response.Status switch { ResponseStatus.Accepted => "29", ResponseStatus.Rejected => "27", _ => "4" });
        CommonWriting.Date(writer, "137", response.Date);
        CommonWriting.References(writer, "RFF", [new TradeReference("ON", response.OrderNumber)]);
        CommonWriting.Date(writer, "171", response.OrderDate);
        CommonWriting.Parties(writer, response.Parties);
        foreach (var line in response.Lines)
        {
            var isAsOrdered = line.Parts is [{ Status: ResponseStatus.Accepted }];
            var isRefused = line.Parts.Count > 0 && line.Parts.All(part => part.Status == ResponseStatus.Rejected);
            CommonWriting.Lin(writer, line.Line, isAsOrdered || line.Parts.Count == 0 ? "5" : isRefused ? "7" : "3", line.Items);
            CommonWriting.Quantity(writer, "21", line.Ordered, line.Unit);
            foreach (var part in line.Parts.Where(part => !isAsOrdered && part.Status != ResponseStatus.Rejected))
                CommonWriting.Quantity(writer, part.Status == ResponseStatus.BackOrdered ? "83" : "113", part.Quantity, line.Unit);
            if (line.Parts.Select(part => part.Date).FirstOrDefault(date => date is not null) is { } date)
                CommonWriting.Date(writer, "2", date);
            Price(writer, line.Price);
        }

        CommonWriting.Total(writer, response.Lines.Count, hasSummary: true);
    }

    private static void Price(EdiWriter writer, decimal? price)
    {
        if (price is not { } known)
            return;

        writer.Begin("PRI");
        writer.Composite("AAA", CommonWriting.Number(known));
        writer.End();
    }
}

/// <summary>856 and DESADV.</summary>
internal static class DespatchWriting
{
    public static void Write(EdiWriter writer, DespatchAdvice advice)
    {
        if (writer.Syntax == EdiSyntax.X12)
            X12(writer, advice);
        else
            Edifact(writer, advice);
    }

    private static void X12(EdiWriter writer, DespatchAdvice advice)
    {
        writer.Segment("BSN", advice.Purpose, advice.Number, CommonWriting.Day(advice.Date), CommonWriting.Time(advice.Date), "0001");
        CommonWriting.Dates(writer, advice.Dates);
        foreach (var (index, level) in advice.Levels.Index())
        {
            var kind = level.Kind switch
            {
                DespatchLevelKind.Shipment => "S",
                DespatchLevelKind.Order => "O",
                DespatchLevelKind.Pallet => "T",
                DespatchLevelKind.Pack => "P",
                DespatchLevelKind.Item => "I",
                _ => throw new UnreachableException(),
            };
            writer.Segment("HL", level.Id, level.Parent, kind);
            if (index == 0)
            {
                if (advice.Carrier is not null)
                    writer.Segment("TD5", "", "", "", "", advice.Carrier);
                CommonWriting.References(writer, "REF", advice.References);
                CommonWriting.Parties(writer, advice.Parties);
            }

            if (level.OrderNumber is not null)
                writer.Segment("PRF", level.OrderNumber, "", "", CommonWriting.Day(level.OrderDate));
            foreach (var sscc in level.Ssccs)
                writer.Segment("MAN", "GM", $"00{sscc}");
            foreach (var line in level.Lines)
            {
                writer.Segment("LIN", [line.Line, .. CommonWriting.Pairs(line.Items)]);
                writer.Segment("SN1", line.Line, CommonWriting.Number(line.Shipped), line.Unit, "", CommonWriting.Number(line.Ordered));
                CommonWriting.Describe(writer, line.Description);
                CommonWriting.References(writer, "REF", line.References);
            }
        }

        writer.Segment("CTT", CommonWriting.Count(advice.Levels.Count));
    }

    private static void Edifact(EdiWriter writer, DespatchAdvice advice)
    {
        writer.Segment("BGM", "351", advice.Number, advice.Purpose);
        CommonWriting.Date(writer, "137", advice.Date);
        foreach (var date in advice.Dates)
            CommonWriting.Date(writer, date.Qualifier, date.Date);
        CommonWriting.References(writer, "RFF", advice.References);
        CommonWriting.Parties(writer, advice.Parties);
        if (advice.Carrier is not null)
        {
            writer.Begin("TDT");
            foreach (var element in (ReadOnlySpan<string>)["20", "", "30", ""])
                writer.Element(element);
            writer.Composite("", "", "", advice.Carrier);
            writer.End();
        }

        foreach (var level in advice.Levels)
        {
            writer.Segment("CPS", level.Id, level.Parent);
            if (level.Kind is DespatchLevelKind.Pallet or DespatchLevelKind.Pack)
                writer.Segment("PAC", CommonWriting.Count(Math.Max(1, level.Ssccs.Count)), "", level.Kind == DespatchLevelKind.Pallet ? "201" : "CT");
            foreach (var few in level.Ssccs.Chunk(5))
            {
                writer.Segment("PCI", "33E");
                writer.Segment("GIN", ["BJ", .. few]);
            }

            foreach (var line in level.Lines)
            {
                CommonWriting.Lin(writer, line.Line, "", line.Items);
                CommonWriting.Describe(writer, line.Description);
                CommonWriting.Quantity(writer, "12", line.Shipped, line.Unit);
                if (line.Ordered is { } ordered)
                    CommonWriting.Quantity(writer, "21", ordered, line.Unit);
                CommonWriting.References(writer, "RFF", line.References);
            }
        }

        CommonWriting.Total(writer, advice.Levels.Sum(level => level.Lines.Count), hasSummary: false);
    }
}

/// <summary>940 and 945.</summary>
internal static class WarehouseWriting
{
    public static void Write(EdiWriter writer, WarehouseOrder order)
    {
        writer.Segment("W05", order.Purpose, order.Number, order.PurchaseOrder);
        Head(writer, order.Parties, order.References, order.Dates);
        foreach (var line in order.Lines)
        {
            writer.Segment("LX", line.Line);
            var (upc, first, second) = Items(line.Items);
            writer.Segment("W01", CommonWriting.Number(line.Quantity), line.Unit ?? "EA", upc, first?.Qualifier, first?.Code, second?.Qualifier, second?.Code);
            if (line.Description is not null)
                writer.Segment("G69", line.Description);
            CommonWriting.References(writer, "N9", line.References);
        }

        writer.Segment("W76", CommonWriting.Number(order.Lines.Sum(line => line.Quantity)));
    }

    public static void Write(EdiWriter writer, WarehouseAdvice advice)
    {
        writer.Segment("W06", advice.Purpose, advice.Number, CommonWriting.Day(advice.Date), advice.Shipment, "", advice.PurchaseOrder);
        Head(writer, advice.Parties, advice.References, advice.Dates);
        foreach (var line in advice.Lines)
        {
            writer.Segment("LX", line.Line);
            var (upc, first, second) = Items(line.Items);
            string?[] elements = [line.Status, CommonWriting.Number(line.Ordered), CommonWriting.Number(line.Shipped), CommonWriting.Number(line.Ordered - line.Shipped), line.Unit, upc, first?.Qualifier, first?.Code, line.Lot, "", "", "", "", "", "", "", second?.Qualifier, second?.Code];
            writer.Segment("W12", elements);
            if (line.Description is not null)
                writer.Segment("G69", line.Description);
            CommonWriting.References(writer, "N9", line.References);
        }

        writer.Segment("W03", CommonWriting.Number(advice.Lines.Sum(line => line.Shipped)));
    }

    private static void Head(EdiWriter writer, IReadOnlyList<TradeParty> parties, IReadOnlyList<TradeReference> references, IReadOnlyList<TradeDate> dates)
    {
        CommonWriting.Parties(writer, parties);
        CommonWriting.References(writer, "N9", references);
        foreach (var date in dates)
            writer.Segment("G62", date.Qualifier, CommonWriting.Day(date.Date), date.Date.Time is null ? "" : "W", CommonWriting.Time(date.Date));
    }

    private static (string? Upc, ItemCode? First, ItemCode? Second) Items(IReadOnlyList<ItemCode> items)
    {
        var upc = items.Where(item => item.Qualifier == "UA").Select(item => item.Code).FirstOrDefault();
        var others = items.Where(item => item.Qualifier != "UA").ToList();
        return (upc, others.Count > 0 ? others[0] : null, others.Count > 1 ? others[1] : null);
    }
}
