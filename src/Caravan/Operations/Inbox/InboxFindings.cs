using System.Globalization;
using Caravan.Catalog;
using Caravan.Delivery;
using Caravan.Fulfilment;
using Caravan.Fulfilment.Releases;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Storage;
using Caravan.Stock;

namespace Caravan.Operations.Inbox;

/// <summary>Asks the rooms what is wrong at a company now.</summary>
internal sealed class InboxFindings(StockBook stock, OrderBoard orders, DeliveryDesk delivery, PickFloor floor, ReleaseDesk releases, OrderDesk desk, ItemCatalog catalog, NetworkMap map)
{
    // Of each kind; who has more has one trouble, not many.
    private const int MostOfAKind = 200;
    private static readonly TimeSpan CourierWithin = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortsShownFor = TimeSpan.FromDays(7);

    public async Task<List<Finding>> ReadAsync(Db db, PartnerId company, DateTimeOffset now)
    {
        var network = await map.CurrentAsync(CancellationToken.None);
        return
        [
            .. (await stock.FeedsAsync(db, company, now)).Select(feed => OfFeed(feed, now)).OfType<Finding>(),
            .. await ShortfallsAsync(db, company, network),
            .. (await orders.ListAsync(db, company, OrderFilter.AtRisk, null, MostOfAKind, now)).Select(order => OfRisk(order, now)),
            .. (await orders.ListAsync(db, company, OrderFilter.Short, null, MostOfAKind, now)).Where(order => order.PlacedAt >= now - ShortsShownFor).Select(order => OfShort(order, now)).OfType<Finding>(),
            .. await DeclinedAsync(db, company, network),
            .. (await delivery.TroubledAsync(db, company, now, CourierWithin, MostOfAKind)).Select(job => OfJob(job, now)),
            .. (await floor.LoadsAsync(db, company)).Select(load => OfLoad(load, network, now)).OfType<Finding>(),
        ];
    }

    /// <summary>What a feed's health means, when it is not well.</summary>
    public static Finding? OfFeed(FeedHealth feed, DateTimeOffset now) => feed switch
    {
        { State: FeedState.BreakerTripped, WaitingDocument: { } document } => new Finding(
            ExceptionKind.WaitingDocument, $"{feed.Id}~{document}", $"{feed.Name}: a snapshot waits", "It would take away an unusual amount of stock. Look whether it is true, then take it or throw it away; until then nothing of the feed is taken.", now, feed.FreshUntil, feed.Cells),
        { State: FeedState.AwaitingSnapshot } => new Finding(
            ExceptionKind.BrokenFeed, feed.Id.ToString(), $"{feed.Name}: a document is missing", "Nothing of the feed is taken until it sends a snapshot of everything.", now, feed.FreshUntil, feed.Cells),
        { IsFresh: false, FreshUntil: { } until } when until < now => new Finding(
            ExceptionKind.StaleFeed, feed.Id.ToString(), $"{feed.Name} is silent", $"{Number(feed.Cells, "cell")} of stock {(feed.Cells == 1 ? "is" : "are")} not promised until it reports again.", until, null, feed.Cells),
        _ => null,
    };

    /// <summary>What is wrong with a parcel that is in trouble.</summary>
    public static Finding OfJob(Job job, DateTimeOffset now)
    {
        var to = job.Address.Length > 0 ? job.Address : "a customer";
        var subject = $"{job.Id}~{job.Reference}";
        if (job.Status == JobStatus.Failed)
            return new Finding(ExceptionKind.FailedDelivery, subject, $"Not delivered to {to}", $"{job.FailureReason} The parcel comes back to where it was collected.", now, job.DueAt, 1);
        if (job.Status == JobStatus.Booked && job.IsPacked)
            return new Finding(ExceptionKind.NoCourier, subject, $"No courier for {to}", "The parcel is packed, and nobody could be found who takes it.", now, job.DueAt, 1);

        var late = (int)Math.Ceiling(((job.EstimatedAt is { } at && at > now ? at : now) - job.DueAt).TotalMinutes);
        return new Finding(ExceptionKind.LateParcel, subject, $"Late to {to}", $"{Number(Math.Max(1, late), "minute")} after the promise{(job.CourierCode is { } courier ? $", with courier {courier}" : "")}.", now, job.DueAt, 1);
    }

    /// <summary>Whether a node has too much to do, or has not done what is due.</summary>
    public static Finding? OfLoad(PickLoad load, NetworkSnapshot network, DateTimeOffset now)
    {
        if (network.Find(load.Location) is not { } node)
            return null;
        if (load.DueNext < now)
            return new Finding(ExceptionKind.LatePicking, node.Id.ToString(), $"{node.Name} is late", $"{Number(load.ToPick, "list")} to pick; the first was due to be packed already.", load.DueNext.Value, load.DueNext, load.ToPick);

        return load.ToPick > node.ThroughputPerHour
            ? new Finding(ExceptionKind.NodeOverCapacity, node.Id.ToString(), $"{node.Name} has more than it can do", $"{Number(load.ToPick, "list")} to pick, and {node.ThroughputPerHour.ToString("N0", CultureInfo.InvariantCulture)} an hour is what it can do.", now, load.DueNext, load.ToPick)
            : null;
    }

    private async Task<List<Finding>> ShortfallsAsync(Db db, PartnerId company, NetworkSnapshot network)
    {
        var open = await stock.ShortfallsAsync(db, company, default, MostOfAKind);
        var items = open.Count == 0 ? [] : (await catalog.ByIdAsync(db, company, [.. open.Select(one => one.Item).Distinct()])).ToDictionary(item => item.Id);
        return [.. open.Select(one =>
        {
            var item = items.GetValueOrDefault(one.Item);
            var price = item?.Price;
            return new Finding(
                ExceptionKind.Shortfall,
                $"{one.Item}~{one.Location}",
                $"{item?.Name ?? "An item"} is short at {network.Find(one.Location)?.Name}",
                $"{Number(one.Quantity, "unit")} more {(one.Quantity == 1 ? "is" : "are")} reserved than {(one.Quantity == 1 ? "is" : "are")} there. Count the shelf, or bring more.",
                one.Since,
                null,
                one.Quantity,
                price is { } each ? each with { Amount = each.Amount * one.Quantity } : null);
        })];
    }

    // A declined release is over when the order has nothing open there any more: called off, or done after all.
    private async Task<List<Finding>> DeclinedAsync(Db db, PartnerId company, NetworkSnapshot network)
    {
        var left = await releases.LeftAsync(db, company, MostOfAKind);
        var known = left.Count == 0 ? [] : (await desk.FindManyAsync(db, company, [.. left.Select(one => one.Order).Distinct()])).ToDictionary(order => order.Id);
        return [.. left.Where(one => known.GetValueOrDefault(one.Order)?.Fulfilments.FirstOrDefault(fulfilment => fulfilment.Id == one.Id) is { Status: LineStatus.Reserved or LineStatus.Released })
            .Select(one => new Finding(
                ExceptionKind.DeclinedRelease,
                one.Id.ToString(),
                $"{network.Find(one.Location)?.Name} does not do order {known[one.Order].Number}",
                $"{(one.State == ReleaseState.TimedOut ? "It said nothing in time." : $"It declined: {one.Note ?? one.Reason?.ToString() ?? "no reason given"}.")} Nobody else has {Number(one.UnitsLeft, "unit")} of it.",
                one.AnsweredAt ?? one.ReleasedAt,
                known[one.Order].PromisedAt,
                one.UnitsLeft,
                new Platform.Money(known[one.Order].GoodsAmount, known[one.Order].Currency)))];
    }

    private static Finding OfRisk(Order order, DateTimeOffset now) => new(
        ExceptionKind.OrderAtRisk,
        order.Id.ToString(),
        $"Order {order.Number} is at risk",
        "What it has reserved is short or what it waits for is not in sight, and no other node has it.",
        now,
        order.PromisedAt,
        order.Lines.Sum(line => line.Quantity),
        new Platform.Money(order.GoodsAmount, order.Currency));

    private static Finding? OfShort(Order order, DateTimeOffset now)
    {
        var missing = order.Lines.Select(line => (Line: line, Units: order.UnitsOf(line.Line, LineStatus.Short))).Where(one => one.Units > 0).ToList();
        return missing.Count == 0 ? null : new Finding(
            ExceptionKind.ShortPick,
            order.Id.ToString(),
            $"Order {order.Number} lacks {string.Join(", ", missing.Select(one => $"{one.Units} × {one.Line.Name}"))}",
            "It was not on the shelf, and nobody else has it. Tell the customer, and give the money back.",
            now,
            order.PromisedAt,
            missing.Sum(one => one.Units),
            new Platform.Money(missing.Sum(one => one.Units * one.Line.PriceAmount), order.Currency));
    }

    private static string Number(int number, string of) => $"{number.ToString("N0", CultureInfo.InvariantCulture)} {of}{(number == 1 ? "" : "s")}";
}
