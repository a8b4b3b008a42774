using Caravan.Catalog;
using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock;

/// <summary>Feeds, their settings and what they call things.</summary>
internal static class FeedEndpoints
{
    public const int LongestCode = 200;
    private const int FeedsMax = 100;
    private const int BufferMax = 1_000_000;
    private const int StaleMinutesMax = 31 * 24 * 60;
    private const int MappingsMax = 20_000;

    public static void MapFeedEndpoints(this IEndpointRouteBuilder routes)
    {
        var feeds = routes.MapGroup("/v1/feeds").WithTags("Feeds").NeedsScope(Area.Stock);
        feeds.MapGet("", List).WithSummary("Your feeds and how each is doing").Produces<Page<FeedBody>>();
        feeds.MapPost("", Add).WithSummary("Connect a stock system").Produces<FeedBody>(201).ProducesProblem(400).ProducesProblem(409);
        feeds.MapGet("/{id}", Get).WithSummary("One feed: settings, state, freshness, counts").Produces<FeedBody>().ProducesProblem(404);
        feeds.MapPatch("/{id}", Change).WithSummary("Change settings; what is left out stays").Produces<FeedBody>().ProducesProblem(400).ProducesProblem(404);
        feeds.MapGet("/{id}/mappings", Mappings).WithSummary("What the feed calls your items and locations").Produces<Page<MappingEntry>>().ProducesProblem(404);
        feeds.MapPut("/{id}/mappings", Map).WithSummary("Map codes; lines that were rejected for want of it are tried again").Produces<MappingsTaken>().ProducesProblem(400).ProducesProblem(404);
    }

    private static async Task<IResult> List(Caller caller, Store store, TimeProvider clock, CancellationToken cancel)
    {
        var bodies = await store.ReadAsync(async db =>
        {
            var health = (await FeedStore.HealthAsync(db, caller.Tenant, clock.GetUtcNow())).ToDictionary(one => one.Id);
            return (await FeedStore.AllAsync(db, caller.Tenant)).Select(feed => FeedBody.Of(feed, health[feed.Id])).ToList();
        }, cancel);
        return TypedResults.Ok(new Page<FeedBody>(bodies, null));
    }

    private static async Task<IResult> Get(FeedId id, Caller caller, Store store, TimeProvider clock, CancellationToken cancel) =>
        await store.ReadAsync(db => BodyAsync(db, caller.Tenant, id, clock.GetUtcNow()), cancel) is { } body ? TypedResults.Ok(body) : Problem.NotFound("feed of yours");

    private static Task<IResult> Add(HttpContext context, Caller caller, NewFeedBody body, IdempotentWrites writes)
    {
        var check = CheckSettings(body.Name, body.Buffer, body.StaleAfterMinutes, body.BreakerPercent);
        if (check.Failed)
            return Task.FromResult<IResult>(check.Refusal);

        return writes.RunAsync(context, caller, async tx =>
        {
            var feeds = await FeedStore.AllAsync(tx, caller.Tenant);
            if (NameTaken(feeds, body.Name, null) is { } taken)
                return Outcome.Refuse(taken);
            if (feeds.Count >= FeedsMax)
                return Outcome.Refuse(Problem.Of(409, "too-many-feeds", "Too many feeds", $"A company has at most {FeedsMax} feeds."));

            var feed = new Feed
            {
                Tenant = caller.Tenant,
                Id = FeedId.New(tx.Now),
                Name = body.Name,
                ItemCodes = body.ItemCodes,
                IsNetOfOrders = body.IsNetOfOrders,
                Buffer = body.Buffer,
                StaleAfterMinutes = body.StaleAfterMinutes,
                BreakerPercent = body.BreakerPercent,
                State = FeedState.Live,
                CreatedAt = tx.Now,
            };
            await FeedStore.PutAsync(tx, feed);
            return new Answer(201, await BodyAsync(tx, caller.Tenant, feed.Id, tx.Now), $"/v1/feeds/{feed.Id}");
        });
    }

    private static Task<IResult> Change(FeedId id, HttpContext context, Caller caller, FeedSettingsBody body, IdempotentWrites writes)
    {
        var check = CheckSettings(body.Name ?? "unchanged", body.Buffer ?? 0, body.StaleAfterMinutes ?? 1, body.BreakerPercent ?? 1);
        if (check.Failed)
            return Task.FromResult<IResult>(check.Refusal);

        return writes.RunAsync(context, caller, async tx =>
        {
            if (await FeedStore.FindAsync(tx, caller.Tenant, id) is not { } feed)
                return Outcome.Refuse(Problem.NotFound("feed of yours"));
            if (body.Name is { } name && NameTaken(await FeedStore.AllAsync(tx, caller.Tenant), name, id) is { } taken)
                return Outcome.Refuse(taken);

            var changed = feed with
            {
                Name = body.Name ?? feed.Name,
                ItemCodes = body.ItemCodes ?? feed.ItemCodes,
                IsNetOfOrders = body.IsNetOfOrders ?? feed.IsNetOfOrders,
                Buffer = body.Buffer ?? feed.Buffer,
                StaleAfterMinutes = body.StaleAfterMinutes ?? feed.StaleAfterMinutes,
                BreakerPercent = body.BreakerPercent ?? feed.BreakerPercent,
            };
            await FeedStore.PutAsync(tx, feed.LastAsOf is { } last ? changed.HeardOf(last) : changed);
            await FeedStore.SpreadBufferAsync(tx, changed);
            return new Answer(200, await BodyAsync(tx, caller.Tenant, id, tx.Now));
        });
    }

    private static async Task<IResult> Mappings(FeedId id, Caller caller, Store store, CancellationToken cancel, string? cursor = null, int limit = 50)
    {
        // A cursor is the last entry's kind and code: Item~4006381333931.
        var (kind, code) = cursor?.Split('~', 2) is [var first, var second] ? (first, second) : ("", "");
        var check = new Check().That(cursor is null || kind.Length > 0, "?cursor", "Give the 'next' of the page before.").Range(limit, "?limit", 1, Page<MappingEntry>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(
            async db => await FeedStore.FindAsync(db, caller.Tenant, id) is { } feed ? await FeedStore.ListMappingsAsync(db, feed, kind, code, limit + 1) : null, cancel);
        return rows is null
            ? Problem.NotFound("feed of yours")
            : TypedResults.Ok(Page<MappingEntry>.Of(
                [.. rows.Select(row => new MappingEntry(row.Kind, row.Code, row.Kind == "Item" ? new ItemId(row.Target) : null, row.Kind == "Location" ? new LocationId(row.Target) : null))],
                limit,
                entry => $"{entry.Kind}~{entry.Code}"));
    }

    private static async Task<IResult> Map(FeedId id, HttpContext context, Caller caller, MappingsBody body, ItemCatalog catalog, NetworkMap map, FeedCodes codes, FeedIntake intake, IdempotentWrites writes)
    {
        var (items, locations) = (body.Items ?? [], body.Locations ?? []);
        var check = new Check().That(items.Count + locations.Count is > 0 and <= MappingsMax, "#", $"Give 1 to {MappingsMax} codes of items and locations.");
        for (var i = 0; i < items.Count; i++)
            check.That(items[i] is not null, $"#/items/{i}", "An entry is an object.");
        for (var i = 0; i < locations.Count; i++)
            check.That(locations[i] is not null, $"#/locations/{i}", "An entry is an object.");
        if (check.Failed)
            return check.Refusal;

        for (var i = 0; i < items.Count; i++)
        {
            check.Text(items[i].Code, $"#/items/{i}/code", LongestCode)
                .That(items[i].Item is null != items[i].Sku is null, $"#/items/{i}/item", "Give an item's id or its SKU, one of the two.");
        }

        for (var i = 0; i < locations.Count; i++)
            check.Text(locations[i].Code, $"#/locations/{i}/code", LongestCode);
        if (check.Failed)
            return check.Refusal;

        var network = await map.CurrentAsync(context.RequestAborted);
        return await writes.RunAsync(context, caller, async tx =>
        {
            if (await FeedStore.FindAsync(tx, caller.Tenant, id) is not { } feed)
                return Outcome.Refuse(Problem.NotFound("feed of yours"));

            var found = new Check();
            var known = (await catalog.ByIdAsync(tx, caller.Tenant, [.. items.Where(one => one.Item is not null).Select(one => one.Item!.Value)])).Select(item => item.Id).ToHashSet(); // Filtered just before.
            var bySku = (await catalog.BySkuAsync(tx, caller.Tenant, [.. items.Where(one => one.Sku is not null).Select(one => one.Sku!)])).ToDictionary(item => item.Sku, item => item.Id); // Filtered just before.
            var places = await codes.PlacesAsync(tx, network, caller.Tenant, tx.Now);
            for (var i = 0; i < items.Count; i++)
            {
                found.That(items[i].Item is not { } item || known.Contains(item), $"#/items/{i}/item", "There is no such item of yours.")
                    .That(items[i].Sku is not { } sku || bySku.ContainsKey(sku), $"#/items/{i}/sku", "No item of yours has this SKU.");
            }

            for (var i = 0; i < locations.Count; i++)
                found.That(places.Contains(locations[i].Location), $"#/locations/{i}/location", "There is no such location where you may hold stock.");
            if (found.Failed)
                return Outcome.Refuse(found.Refusal);

            await FeedStore.MapAsync(tx, feed, "Item", [.. items.Select(one => (one.Code.Trim(), (one.Item ?? bySku[one.Sku!]).Value))]); // One of the two is given, checked above.
            await FeedStore.MapAsync(tx, feed, "Location", [.. locations.Select(one => (one.Code.Trim(), one.Location.Value))]);
            var (tried, taken) = await intake.RetryAsync(tx, network, feed);
            return new Answer(200, new MappingsTaken(items.Count, locations.Count, new RetryReceipt(tried, taken)));
        });
    }

    public static async Task<FeedBody?> BodyAsync(Db db, PartnerId owner, FeedId id, DateTimeOffset now) =>
        await FeedStore.FindAsync(db, owner, id) is { } feed && await FeedStore.HealthAsync(db, owner, now, id) is [var health] ? FeedBody.Of(feed, health) : null;

    private static Check CheckSettings(string name, int buffer, int staleAfterMinutes, int breakerPercent) => new Check()
        .Text(name, "#/name", 100)
        .Range(buffer, "#/buffer", 0, BufferMax)
        .Range(staleAfterMinutes, "#/staleAfterMinutes", 1, StaleMinutesMax)
        .Range(breakerPercent, "#/breakerPercent", 1, 100);

    private static IResult? NameTaken(List<Feed> feeds, string name, FeedId? except) =>
        feeds.Exists(feed => feed.Name == name && feed.Id != except)
            ? Problem.Of(409, "feed-exists", "Feed exists", $"A feed of yours is called '{name}' already.")
            : null;
}
