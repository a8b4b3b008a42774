using System.Globalization;
using System.Text.Json.Serialization;
using Caravan.Delivery;
using Caravan.Orders;
using Caravan.Platform;
using NodaTime;

namespace Caravan.Operations.Figures;

/// <summary>Whether what was promised came in time; not said while it is on its way, and where nobody brings it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
internal enum Verdict
{
    Open,
    Kept,
    Broken,
}

/// <summary>What one node does for an order, as it is counted.</summary>
internal sealed record PartFacts(LocationId Location, string Region, LineStatus Status, bool Gives, int Metres, int Units, long Amount, Verdict Verdict);

/// <summary>Units of an owner's stock that have left a location.</summary>
internal sealed record OutFacts(PartnerId Owner, LocationId Location, int Units);

/// <summary>A key of <c>figure_counts</c>.</summary>
internal readonly record struct CountKey(PartnerId Company, string Day, string Scope, int Hour, string Currency);

/// <summary>A key of <c>figure_distances</c>.</summary>
internal readonly record struct DistanceKey(PartnerId Company, string Scope, string Day, long Metres);

/// <summary>A key of <c>figure_stock</c>.</summary>
internal readonly record struct OwnStockKey(PartnerId Owner, string Day, LocationId Location);

/// <summary>
/// What an order counts as. It is made from the order as it stands and kept beside the sums: when the order changes, the sums lose
/// what the kept facts gave them and get what the new ones give. So the order is counted once, on the day that it was placed,
/// however often and however late it changes. When <see cref="CountsOf"/> and its like change, the sums are to be built anew
/// (<c>caravan figures rebuild</c>).
/// </summary>
internal sealed record CountedOrder(string Day, int Hour, string Currency, LineStatus Status, IReadOnlyList<PartFacts> Parts, IReadOnlyList<OutFacts> Outs)
{
    public const int WholeDay = -1;
    public const string Everything = "";

    // Of parts in several states: the least advanced that is open, else the best end.
    private static readonly LineStatus[] Order = [LineStatus.BackOrdered, LineStatus.Reserved, LineStatus.Released, LineStatus.Picked, LineStatus.Packed, LineStatus.Shipped, LineStatus.Delivered, LineStatus.Returned, LineStatus.Short, LineStatus.Cancelled];

    public static string RegionScope(string region) => $"region:{region}";

    public static string DayOf(DateTimeOffset at, DateTimeZone zone) => Instant.FromDateTimeOffset(at).InZone(zone).Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture);

    /// <param name="order">As it stands.</param>
    /// <param name="ends">What became of its parcels.</param>
    /// <param name="zone">The company's time zone.</param>
    /// <param name="regionOf">The region that a location is in.</param>
    public static CountedOrder Of(Order order, IReadOnlyList<JobEnd> ends, DateTimeZone zone, Func<LocationId, string> regionOf)
    {
        var byPart = ends.ToLookup(end => end.Reference.Split('/')[0]);
        return new CountedOrder(
            DayOf(order.PlacedAt, zone),
            Instant.FromDateTimeOffset(order.PlacedAt).InZone(zone).Hour,
            order.Currency,
            order.Status,
            [.. order.Fulfilments.Select(part => PartOf(order, part, [.. byPart[part.Id.ToString()]], regionOf))],
            [.. order.Fulfilments.SelectMany(part => part.Allocations).GroupBy(one => (one.Owner, one.Location))
                .Select(group => new OutFacts(group.Key.Owner, group.Key.Location, group.Sum(one => one[LineStatus.Shipped] + one[LineStatus.Delivered]))).Where(one => one.Units > 0)]);
    }

    /// <summary>What it adds to the counts of its company.</summary>
    public IEnumerable<(CountKey Key, FigureCounts Counts)> CountsOf(PartnerId company)
    {
        var all = Sum(Parts, Status);
        yield return (new CountKey(company, Day, Everything, WholeDay, Currency), all);
        yield return (new CountKey(company, Day, Everything, Hour, Currency), all);
        foreach (var region in Parts.GroupBy(part => part.Region))
            yield return (new CountKey(company, Day, RegionScope(region.Key), WholeDay, Currency), Sum([.. region], null));
        foreach (var node in Parts.GroupBy(part => part.Location))
            yield return (new CountKey(company, Day, node.Key.ToString(), WholeDay, Currency), Sum([.. node], null));
    }

    /// <summary>How far its parts went.</summary>
    public IEnumerable<(DistanceKey Key, long Parts)> DistancesOf(PartnerId company) =>
        from part in Parts
        where part.Gives
        from scope in (string[])[Everything, RegionScope(part.Region), part.Location.ToString()]
        select (new DistanceKey(company, scope, Day, RoundedUp(part.Metres)), 1L);

    /// <summary>What it took from whose stock.</summary>
    public IEnumerable<(OwnStockKey Key, long Units)> StockOf() => Outs.Select(one => (new OwnStockKey(one.Owner, Day, one.Location), (long)one.Units));

    /// <summary>To two figures: 4,712 m are 4,800, and 23,010 are 24,000.</summary>
    internal static long RoundedUp(int metres)
    {
        var step = 1L;
        while (metres / step >= 100)
            step *= 10;
        return (metres + step - 1) / step * step;
    }

    private FigureCounts Sum(IReadOnlyList<PartFacts> parts, LineStatus? status)
    {
        var giving = parts.Where(part => part.Gives).ToList();
        var verdict = giving.Exists(part => part.Verdict == Verdict.Broken) ? Verdict.Broken : giving.Count > 0 && giving.TrueForAll(part => part.Verdict == Verdict.Kept) ? Verdict.Kept : Verdict.Open;
        var states = new long[FigureCounts.StateCount];
        states[(int)(status ?? parts.Select(part => part.Status).MinBy(state => Array.IndexOf(Order, state)))] = 1;
        return new FigureCounts
        {
            Orders = 1,
            Served = giving.Count > 0 ? 1 : 0,
            Split = giving.Count > 0 && Parts.Where(part => part.Gives).DistinctBy(part => part.Location).Count() > 1 ? 1 : 0,
            Parts = giving.Count,
            Metres = giving.Sum(part => (long)part.Metres),
            Units = giving.Sum(part => (long)part.Units),
            Amount = giving.Sum(part => part.Amount),
            Kept = verdict == Verdict.Kept ? 1 : 0,
            Broken = verdict == Verdict.Broken ? 1 : 0,
            States = states,
        };
    }

    private static PartFacts PartOf(Order order, FulfilmentOrder part, IReadOnlyList<JobEnd> ends, Func<LocationId, string> regionOf)
    {
        var given = part.Allocations.Select(one => (one.Line, Units: one.Quantity - one[LineStatus.Short] - one[LineStatus.Cancelled] - one[LineStatus.Returned])).ToList();
        var gives = part.Allocations.Any(one => one.Quantity > one[LineStatus.Short] + one[LineStatus.Cancelled]);
        return new PartFacts(
            part.Location,
            regionOf(part.Location),
            part.Status,
            gives,
            part.DistanceMetres,
            given.Sum(one => one.Units),
            given.Sum(one => one.Units * order.Lines[one.Line - 1].PriceAmount),
            order.Service == Network.DeliveryService.PickUp ? Verdict.Open : VerdictOf(part, ends, order.PromisedAt));
    }

    // Late is late however much of it came in time; kept is what came whole.
    private static Verdict VerdictOf(FulfilmentOrder part, IReadOnlyList<JobEnd> ends, DateTimeOffset promisedAt)
    {
        if (ends.Any(end => end.Status == JobStatus.Returned || end.FinishedAt > promisedAt))
            return Verdict.Broken;
        return ends.Count > 0 && part.Status == LineStatus.Delivered ? Verdict.Kept : Verdict.Open;
    }
}
