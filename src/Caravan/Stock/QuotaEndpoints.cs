using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock;

/// <summary>A company's quotas over HTTP: keep units for a channel, or limit what a partner takes.</summary>
internal static class QuotaEndpoints
{
    private const int QuotasMax = 1_000;

    public static void MapQuotaEndpoints(this IEndpointRouteBuilder routes)
    {
        var quotas = routes.MapGroup("/v1/stock/quotas").WithTags("Stock").NeedsScope(Area.Stock);
        quotas.MapGet("", List).WithSummary("Your quotas, newest first, also those that are over").Produces<Page<QuotaBody>>();
        quotas.MapGet("/{id}", Get).WithSummary("A quota, and how much of it is taken").Produces<QuotaBody>().ProducesProblem(404);
        quotas.MapPost("", Make).WithSummary("Keep units of an item for one of your channels, or limit what a partner may take under an agreement of yours").Produces<QuotaBody>(201).ProducesProblem(400).ProducesProblem(409);
        quotas.MapDelete("/{id}", End).WithSummary("End a quota now: what it kept is anybody's").ProducesProblem(404);
    }

    private static async Task<IResult> List(Caller caller, Store store, TimeProvider clock, CancellationToken cancel, QuotaId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<QuotaBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        return TypedResults.Ok(await store.ReadAsync(async db =>
        {
            var rows = Page<Quota>.Of(await QuotaStore.ListAsync(db, caller.Tenant, cursor, limit + 1), limit, quota => quota.Id.ToString());
            return new Page<QuotaBody>(await BodiesAsync(db, caller.Tenant, rows.Items, clock.GetUtcNow()), rows.Next);
        }, cancel));
    }

    private static async Task<IResult> Get(QuotaId id, Caller caller, Store store, TimeProvider clock, CancellationToken cancel) =>
        await store.ReadAsync(async db => await QuotaStore.FindAsync(db, caller.Tenant, id) is { } quota ? (await BodiesAsync(db, caller.Tenant, [quota], clock.GetUtcNow()))[0] : null, cancel) is { } body
            ? TypedResults.Ok(body)
            : Problem.NotFound("quota");

    private static async Task<IResult> Make(HttpContext context, Caller caller, QuotaRequest body, NamedItems names, NetworkMap map, FeedCodes codes, PartnerBook partners, TimeProvider clock, IdempotentWrites writes)
    {
        var isForChannel = body.Agreement is null;
        var check = new Check()
            .Range(body.Units, "#/units", 1, FeedQuantity.Max)
            .That(body.Channel is null != body.Agreement is null, "#/channel", "Name a channel of yours or an agreement, one of the two.")
            .Text(body.Channel, "#/channel", 50, optional: true)
            .That(body.Item is null || body.Sku is null, "#/item", "Give an item's id or its SKU, one of the two.")
            .That(!isForChannel || body.Item is not null || body.Sku is not null, "#/item", "Say of which item units are kept for the channel.")
            .That(!isForChannel || body.Until is not null, "#/until", "Say until when units are kept for the channel.")
            .That(body.Until is null || body.Until > clock.GetUtcNow(), "#/until", "Give a time to come.")
            .That(isForChannel || body.Location is null, "#/location", "A quota under an agreement holds for all its locations.")
            .That(!isForChannel || !body.PerItem, "#/perItem", "A channel's quota is of one item.")
            .That(!isForChannel || !body.PerDay, "#/perDay", "A channel's quota is in total.");
        if (check.Failed)
            return check.Refusal;

        var network = await map.CurrentAsync(context.RequestAborted);
        return await writes.RunAsync(context, caller, async tx =>
        {
            var found = new Check();
            var item = (await names.ByEitherAsync(tx, caller.Tenant, [(body.Item, body.Sku)]))[0];
            found.That((body.Item is null && body.Sku is null) || item is not null, body.Item is null ? "#/sku" : "#/item", "There is no such item of yours.")
                .That(body.Location is not { } location || (await codes.PlacesAsync(tx, network, caller.Tenant, tx.Now)).Contains(location), "#/location", "There is no such location where you may hold stock.")
                .That(body.Agreement is not { } agreement || await partners.IsGrantedByAsync(tx, caller.Tenant, agreement, AgreementKind.SellStock), "#/agreement", "There is no such agreement of yours to sell your stock.");
            if (found.Failed)
                return Outcome.Refuse(found.Refusal);

            var others = await QuotaStore.InForceAsync(tx, caller.Tenant, tx.Now);
            if (others.Count >= QuotasMax)
                return Outcome.Refuse(Problem.Of(409, "too-many-quotas", "Too many quotas", $"A company has at most {QuotasMax} quotas in force: end one first."));
            if (isForChannel && others.Find(other => other.Channel == body.Channel && other.Item == item?.Id && other.Location == body.Location) is { } same)
                return Outcome.Refuse(Problem.Of(409, "quota-exists", "This quota exists", $"Quota {same.Id} keeps this item there for this channel: end it first.", ("quota", same.Id.ToString())));

            var quota = new Quota
            {
                Owner = caller.Tenant,
                Id = QuotaId.New(tx.Now),
                Kind = isForChannel ? QuotaKind.Channel : QuotaKind.Agreement,
                Item = item?.Id,
                Location = body.Location,
                Channel = body.Channel,
                Agreement = body.Agreement,
                IsPerItem = body.PerItem,
                IsPerDay = body.PerDay,
                Units = body.Units,
                Until = body.Until,
                CreatedAt = tx.Now,
            };
            await QuotaStore.InsertAsync(tx, quota);
            return new Answer(201, QuotaBody.Of(quota, 0, tx.Now), $"/v1/stock/quotas/{quota.Id}");
        });
    }

    private static Task<IResult> End(HttpContext context, QuotaId id, Caller caller, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await QuotaStore.EndAsync(tx, caller.Tenant, id) ? new Answer(204) : Outcome.Refuse(Problem.NotFound("quota")));

    private static async Task<IReadOnlyList<QuotaBody>> BodiesAsync(Db db, PartnerId owner, IReadOnlyList<Quota> quotas, DateTimeOffset now)
    {
        var counts = await QuotaStore.CountsAsync(db, owner, [.. quotas.Select(quota => quota.Id)], now);
        return [.. quotas.Select(quota => QuotaBody.Of(quota, counts.Where(count => count.Key.Quota == quota.Id && count.Key.Day == quota.CountOf(default, now).Day).Sum(count => count.Value), now))];
    }
}

/// <summary>Units of an item to keep for a channel until a time, at a location or over all of yours; or the most that a partner may take under an agreement, of each item or of all together, a day or in total.</summary>
internal sealed record QuotaRequest(int Units)
{
    public ItemId? Item { get; init; }
    public string? Sku { get; init; }
    public LocationId? Location { get; init; }
    public string? Channel { get; init; }
    public AgreementId? Agreement { get; init; }
    public bool PerItem { get; init; }
    public bool PerDay { get; init; }
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A quota as it is answered, and how many units count against it; of one by the day, today's.</summary>
internal sealed record QuotaBody(QuotaId Id, QuotaKind Kind, ItemId? Item, LocationId? Location, string? Channel, AgreementId? Agreement, bool PerItem, bool PerDay, int Units, int Taken, DateTimeOffset? Until, bool IsOver, DateTimeOffset CreatedAt)
{
    public static QuotaBody Of(Quota quota, int taken, DateTimeOffset now) => new(
        quota.Id, quota.Kind, quota.Item, quota.Location, quota.Channel, quota.Agreement, quota.IsPerItem, quota.IsPerDay, quota.Units, taken, quota.Until, !quota.IsInForce(now), quota.CreatedAt);
}
