using Caravan.Engines.Edi;
using Caravan.Engines.Geo;
using Caravan.Network;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock;

namespace Caravan.Edi;

/// <summary>EDI over HTTP: trading partners, and interchanges in and out.</summary>
internal static class EdiEndpoints
{
    private const int PartnersMax = 1_000;
    private const int NameMax = 100;
    private const int CodeMax = 50;
    private const int EntriesMax = 20_000;
    private const int FactorMax = 100_000;

    public static void MapEdiEndpoints(this IEndpointRouteBuilder routes)
    {
        var partners = routes.MapGroup("/v1/edi/partners").WithTags("EDI").NeedsScope(Area.Edi);
        partners.MapGet("", Partners).WithSummary("Companies you trade with by EDI").Produces<Page<KnownPartnerBody>>();
        partners.MapPost("", Add).WithSummary("Add a trading partner: addresses, and what its codes mean").Produces<KnownPartnerBody>(201).ProducesProblem(400).ProducesProblem(409);
        partners.MapGet("/{id}", Partner).WithSummary("A trading partner").Produces<KnownPartnerBody>().ProducesProblem(404);
        partners.MapPut("/{id}", Replace).WithSummary("Replace what is said of a trading partner").Produces<KnownPartnerBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        partners.MapDelete("/{id}", Remove).WithSummary("Trade with it no more; its interchanges stay").ProducesProblem(404);

        var interchanges = routes.MapGroup("/v1/edi/interchanges").WithTags("EDI").NeedsScope(Area.Edi);
        interchanges.MapPost("", Take).WithSummary("Take X12 or EDIFACT interchanges, the bytes as the body; the answer has their acknowledgements").Accepts<string>("application/edi-x12", "application/edifact", "application/octet-stream", "text/plain").Produces<InterchangesTaken>().ProducesProblem(400).ProducesProblem(415);
        interchanges.MapGet("", List).WithSummary("Interchanges that came and went, newest first").Produces<Page<InterchangeEntry>>();
        interchanges.MapGet("/{id}", Get).WithSummary("An interchange: its bytes, faults, messages and acknowledgements").Produces<InterchangeBody>().ProducesProblem(404);
    }

    private static async Task<IResult> Partners(Caller caller, Store store, CancellationToken cancel) =>
        TypedResults.Ok(new Page<KnownPartnerBody>([.. (await store.ReadAsync(db => EdiStore.PartnersAsync(db, caller.Tenant), cancel)).Select(KnownPartnerBody.Of)], null));

    private static async Task<IResult> Partner(EdiPartnerId id, Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(db => EdiStore.PartnerAsync(db, caller.Tenant, id), cancel) is { } found ? TypedResults.Ok(KnownPartnerBody.Of(found)) : Problem.NotFound("trading partner");

    private static Task<IResult> Add(HttpContext context, Caller caller, TradingPartnerBody body, FeedDoor feeds, NetworkMap map, IdempotentWrites writes) => PutAsync(context, caller, null, body, feeds, map, writes);

    private static Task<IResult> Replace(EdiPartnerId id, HttpContext context, Caller caller, TradingPartnerBody body, FeedDoor feeds, NetworkMap map, IdempotentWrites writes) => PutAsync(context, caller, id, body, feeds, map, writes);

    private static async Task<IResult> PutAsync(HttpContext context, Caller caller, EdiPartnerId? id, TradingPartnerBody body, FeedDoor feeds, NetworkMap map, IdempotentWrites writes)
    {
        var check = CheckBody(body);
        if (body.Warehouse is { } warehouse)
            check.That((await map.CurrentAsync(context.RequestAborted)).Find(warehouse)?.Operator == caller.Tenant, "#/warehouse", "No location of yours.");
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx =>
        {
            if (id is { } known && await EdiStore.PartnerAsync(tx, caller.Tenant, known) is null)
                return Outcome.Refuse(Problem.NotFound("trading partner"));
            if (body.Feed is { } feed && await feeds.MannerAsync(tx, caller.Tenant, feed) is null)
                return Outcome.Refuse(Problem.Invalid(new Fault { Pointer = "#/feed", Detail = "No feed of yours." }));

            var partner = new TradingPartner(caller.Tenant, id ?? EdiPartnerId.New(tx.Now), body.Name, new EdiAddress(body.Own.Qualifier ?? "", body.Own.Id), new EdiAddress(body.Theirs.Qualifier ?? "", body.Theirs.Id), body.ToSettings());
            if (await EdiStore.PartnerAsync(tx, caller.Tenant, partner.Theirs) is { } other && other.Id != partner.Id)
                return Outcome.Refuse(Problem.Of(409, "edi-partner-exists", "This address is taken", $"'{other.Name}' is addressed as {partner.Theirs} already: change it with PUT /v1/edi/partners/{other.Id}.", ("partner", other.Id.ToString())));
            if (id is null && (await EdiStore.PartnersAsync(tx, caller.Tenant)).Count >= PartnersMax)
                return Outcome.Refuse(Problem.Of(409, "too-many-edi-partners", "Too many trading partners", $"A company has at most {PartnersMax}."));

            await EdiStore.PutAsync(tx, partner);
            return new Answer(id is null ? 201 : 200, KnownPartnerBody.Of(partner), id is null ? $"/v1/edi/partners/{partner.Id}" : null);
        });
    }

    private static Task<IResult> Remove(EdiPartnerId id, HttpContext context, Caller caller, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await EdiStore.RemoveAsync(tx, caller.Tenant, id) > 0 ? new Answer(204) : Outcome.Refuse(Problem.NotFound("trading partner")));

    // Bytes and control number make it the same interchange: no key is needed.
    private static async Task<IResult> Take(HttpContext context, Caller caller, EdiDesk desk, EdiBook book, Store store, CancellationToken cancel)
    {
        var mediaType = context.Request.ContentType?.Split(';')[0].Trim().ToLowerInvariant();
        if (mediaType is not ("application/edi-x12" or "application/edifact" or "application/octet-stream" or "text/plain"))
            return Problem.Of(415, "unsupported-media-type", "Unsupported media type", "Send the interchange as the body with Content-Type: application/edi-x12 or application/edifact.");

        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, cancel);
        var taken = await desk.TakeAsync(caller.Tenant, bytes.ToArray(), cancel);
        if (taken is EdiTaken.Refused refused)
            return Problem.Invalid(new Fault { Pointer = "#", Detail = refused.Why });

        return await store.ReadAsync<IResult>(async db =>
        {
            List<InterchangeBody> bodies = [];
            var kept = (EdiTaken.Kept)taken; // Kept or refused, and it is not refused.
            foreach (var id in kept.Interchanges)
                bodies.Add(InterchangeBody.Of((await book.FindAsync(db, caller.Tenant, id))!)); // Kept just now.
            return TypedResults.Ok(new InterchangesTaken(kept.IsRepeated, bodies));
        }, cancel);
    }

    private static async Task<IResult> List(Caller caller, Store store, EdiBook book, CancellationToken cancel, EdiInterchangeId? cursor = null, string? direction = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<InterchangeEntry>.Longest).That(direction is null or "in" or "out", "?direction", "Say in or out.");
        if (check.Failed)
            return check.Refusal;

        var rows = await store.ReadAsync(db => book.ListAsync(db, caller.Tenant, cursor, direction is null ? null : direction == "out", limit + 1), cancel);
        return TypedResults.Ok(Page<InterchangeEntry>.Of([.. rows.Select(row => InterchangeEntry.Of(row.Interchange, row.Partner))], limit, entry => entry.Id.ToString()));
    }

    private static async Task<IResult> Get(EdiInterchangeId id, Caller caller, Store store, EdiBook book, CancellationToken cancel) =>
        await store.ReadAsync(db => book.FindAsync(db, caller.Tenant, id), cancel) is { } story ? TypedResults.Ok(InterchangeBody.Of(story)) : Problem.NotFound("interchange");

    private static Check CheckBody(TradingPartnerBody body)
    {
        var check = new Check().Text(body.Name, "#/name", NameMax);
        CheckAddress(check, body.Own, "#/own");
        CheckAddress(check, body.Theirs, "#/theirs");
        CheckCodes(check, body.Documents, "#/documents", 20);
        CheckCodes(check, body.ItemCodes, "#/itemCodes", 40);
        CheckKeys(check, body.Quantities?.Keys, "#/quantities");
        CheckKeys(check, body.Units?.Keys, "#/units");
        CheckKeys(check, body.Items?.Keys, "#/items");
        foreach (var (unit, factor) in body.Units ?? [])
            check.Range(factor, $"#/units/{unit}", 1, FactorMax);
        foreach (var (code, sku) in (body.Items ?? []).Take(EntriesMax))
            check.Text(sku, $"#/items/{code}", CodeMax);
        check.Text(body.LocationReference, "#/locationReference", CodeMax, optional: true)
            .Text(body.Location, "#/location", CodeMax, optional: true)
            .Text(body.Channel, "#/channel", CodeMax, optional: true)
            .That(body.Service != DeliveryService.PickUp, "#/service", "Orders by EDI are brought to a door.")
            .That(body.Destinations is null or { Count: <= EntriesMax }, "#/destinations", $"At most {EntriesMax} entries.");
        for (var i = 0; i < Math.Min(body.Destinations?.Count ?? 0, EntriesMax); i++)
        {
            if (body.Destinations![i] is not { } place) // Counted just before, so there is a list.
            {
                check.That(false, $"#/destinations/{i}", "An entry is an object.");
                continue;
            }

            check.Text(place.Code, $"#/destinations/{i}/code", CodeMax)
                .Text(place.Address, $"#/destinations/{i}/address", 300)
                .That(GeoPoint.TryCreate(place.Latitude, place.Longitude, out _), $"#/destinations/{i}", "Latitude is −90 to 90 and longitude −180 to 180 degrees.");
        }

        return check;
    }

    private static void CheckAddress(Check check, AddressBody address, string at) => check
        .Text(address.Id, $"{at}/id", 35)
        .That(address.Qualifier is null || (address.Qualifier.Length is > 0 and <= 4 && address.Qualifier.All(char.IsAsciiLetterOrDigit)), $"{at}/qualifier", "One to four letters or digits, or none.")
        .That(address.Id is null || address.Id.All(one => one is >= ' ' and < (char)0x7F and not ('*' or '~' or '>')), $"{at}/id", "Printable ASCII without * ~ >.");

    private static void CheckCodes(Check check, List<string>? codes, string at, int most)
    {
        check.That(codes is null || codes.Count <= most, at, $"At most {most} entries.");
        for (var i = 0; i < Math.Min(codes?.Count ?? 0, most); i++)
            check.Text(codes![i], $"{at}/{i}", 10); // Counted just before, so there is a list.
    }

    private static void CheckKeys(Check check, IReadOnlyCollection<string>? keys, string at)
    {
        check.That(keys is null || keys.Count <= EntriesMax, at, $"At most {EntriesMax} entries.");
        foreach (var key in (keys ?? []).Take(EntriesMax))
            check.Text(key, $"{at}/{key}", CodeMax);
    }
}
