using Caravan.Catalog;
using Caravan.Engines.Edi;
using Caravan.Engines.Geo;
using Caravan.Orders;

namespace Caravan.Edi;

/// <summary>A buyer's line, as answers and despatch advices speak of it.</summary>
internal sealed record BuyerLine(string Line, int Factor, List<ItemCode> Items)
{
    public string? Unit { get; init; }
}

/// <summary>A purchase order as an order of ours, or what keeps it from being one: pure.</summary>
internal sealed record OrderReading(OrderRequest? Request, IReadOnlyList<BuyerLine> Lines, IReadOnlyList<LineAdvice> Faults)
{
    private const int LinesMax = 1_000;
    private const int QuantityMax = 10_000;
    private const int NumberMax = 100;

    public static OrderReading Of(PurchaseOrder order, TradingPartner partner)
    {
        List<LineAdvice> faults = [];
        if (order.Purpose is not ("00" or "9" or "06" or "6" or ""))
            faults.Add(new LineAdvice("", "024", "Only new orders are taken by EDI; cancel with POST /v1/orders/{id}/cancel and order anew."));
        if (order.Number.Length > NumberMax)
            faults.Add(new LineAdvice("", "848", "The order number is too long."));
        if (order.Lines.Count > LinesMax)
            faults.Add(new LineAdvice("", "848", $"At most {LinesMax} lines."));

        var shipTo = order.Parties.FirstOrDefault(party => party.Role is "ST" or "DP") ?? order.Parties.FirstOrDefault(party => party.Role == "BY");
        var place = partner.Settings.Destinations?.Find(one => one.Code == shipTo?.Id);
        if (place is null)
            faults.Add(new LineAdvice("", "007", $"Nobody has said where ship-to '{shipTo?.Id}' is: add it to the trading partner's destinations.") { Value = shipTo?.Id ?? "" });

        List<BasketLine> basket = [];
        List<BuyerLine> buyers = [];
        foreach (var line in order.Lines.Take(LinesMax))
        {
            var factor = partner.Settings.FactorOf(line.Unit);
            var units = line.Quantity * (factor ?? 0);
            if (factor is null)
                Blame(line, "848", $"Nobody has said how many one {line.Unit} is: add it to the trading partner's units.", line.Unit ?? "");
            else if (units != decimal.Truncate(units) || units is < 1 or > QuantityMax)
                Blame(line, "848", $"Whole units from 1 to {QuantityMax}.", $"{line.Quantity}");
            if (partner.Settings.CodeOf(line.Items) is not var (code, isSku))
                Blame(line, "007", "None of the item numbers is one that is looked at.", "");
            else if (!isSku && !Gtin.TryParse(code, out _))
                Blame(line, "848", "A GTIN with a wrong check digit.", code);
            else if (units >= 1 && units <= QuantityMax)
                basket.Add(new BasketLine(isSku ? code : null, isSku ? null : code, null, (int)units) { AllowsBackorder = partner.Settings.AllowBackorder });
            buyers.Add(new BuyerLine(line.Line, factor ?? 1, [.. line.Items]) { Unit = line.Unit });
        }

        if (faults.Count > 0 || place is null || !GeoPoint.TryCreate(place.Latitude, place.Longitude, out var point))
            return new OrderReading(null, buyers, faults);

        var request = new OrderRequest(
            new Basket(partner.Tenant, basket, point, null) { Channel = partner.Channel, AllowsBackorder = partner.Settings.AllowBackorder },
            partner.Channel,
            order.Number,
            partner.Settings.Service,
            place.Address);
        return new OrderReading(request, buyers, faults);

        void Blame(PurchaseLine line, string code, string detail, string value) =>
            faults.Add(new LineAdvice(line.Line, code, detail) { Tag = line.At.Segment > 0 ? "PO1" : "", Segment = line.At.Segment, Value = value });
    }

    /// <summary>The answer to an order that was placed: what comes, and what waits.</summary>
    public static OrderResponse Accepted(PurchaseOrder asked, Order placed, IReadOnlyList<BuyerLine> buyers, EdiDate now)
    {
        var promised = new EdiDate(DateOnly.FromDateTime(placed.PromisedAt.UtcDateTime));
        List<ResponseLine> lines = [];
        foreach (var (index, line) in asked.Lines.Index())
        {
            var factor = buyers[index].Factor;
            var waiting = (decimal)placed.BackOrders.Where(one => one.Line == index + 1).Sum(one => one.Waiting) / factor;
            List<ResponsePart> parts = waiting == 0 ? [new(ResponseStatus.Accepted, line.Quantity, promised)] : [];
            if (waiting > 0 && waiting < line.Quantity)
                parts.Add(new ResponsePart(ResponseStatus.Changed, line.Quantity - waiting, promised));
            if (waiting > 0)
                parts.Add(new ResponsePart(ResponseStatus.BackOrdered, waiting, promised));
            lines.Add(LineOf(line, parts));
        }

        return HeadOf(asked, now) with
        {
            Status = placed.BackOrders.Any(one => one.Waiting > 0) ? ResponseStatus.Changed : ResponseStatus.Accepted,
            Number = placed.Id.ToString(),
            Lines = lines,
        };
    }

    /// <summary>The answer to an order that cannot be had.</summary>
    public static OrderResponse Refused(PurchaseOrder asked, EdiDate now) =>
        HeadOf(asked, now) with { Status = ResponseStatus.Rejected, Number = asked.Number, Lines = [.. asked.Lines.Select(line => LineOf(line, [new ResponsePart(ResponseStatus.Rejected, line.Quantity)]))] };

    private static OrderResponse HeadOf(PurchaseOrder asked, EdiDate now) =>
        new() { Purpose = "00", Date = now with { Time = null }, OrderNumber = asked.Number, OrderDate = asked.Date, Parties = [.. asked.Parties.Where(party => party.Role is "BY" or "SU" or "ST" or "DP")] };

    private static ResponseLine LineOf(PurchaseLine line, IReadOnlyList<ResponsePart> parts) =>
        new() { Line = line.Line, Items = line.Items, Ordered = line.Quantity, Unit = line.Unit, Price = line.Price, Parts = parts };
}
