using Caravan.Engines.Geo;
using Caravan.Partners;
using Caravan.Platform;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Tenancy;

namespace Caravan.Network;

internal static class LocationEndpoints
{
    private const int MetresMax = 2_000_000;

    private const string NoHost = "There is no such location of yours, nor one whose operator lets you have a shop in it by an agreement of kind host.";

    public static void MapLocationEndpoints(this IEndpointRouteBuilder routes)
    {
        var network = routes.MapGroup("/v1").WithTags("Network").NeedsScope(Area.Network);
        network.MapGet("/locations", List).WithSummary("Your locations, by code").Produces<Page<LocationBody>>();
        network.MapGet("/locations/{id}", Get).WithSummary("One of your locations").Produces<LocationBody>().ProducesProblem(404);
        network.MapPut("/locations", Put).WithSummary("Add a location, or replace the one with its code").Produces<LocationBody>().ProducesProblem(400);
        network.MapGet("/regions", Regions).WithSummary("Your regions").Produces<Page<RegionBody>>();
        network.MapPut("/regions", PutRegion).WithSummary("Add a region, or replace the one with its code: isActive switches it on or off").Produces<RegionBody>().ProducesProblem(400);
    }

    private static async Task<IResult> List(Caller caller, NetworkMap map, CancellationToken cancel, string? cursor = null, int limit = 50)
    {
        var check = new Check().Text(cursor, "?cursor", 100, optional: true).Range(limit, "?limit", 1, Page<LocationBody>.Longest);
        if (check.Failed)
            return check.Refusal;

        var rows = (await map.CurrentAsync(cancel)).Locations
            .Where(location => location.Operator == caller.Tenant && string.CompareOrdinal(location.Code, cursor ?? "") > 0)
            .OrderBy(location => location.Code, StringComparer.Ordinal)
            .Take(limit + 1)
            .Select(BodyOf)
            .ToList();
        return TypedResults.Ok(Page<LocationBody>.Of(rows, limit, location => location.Code));
    }

    private static async Task<IResult> Get(LocationId id, Caller caller, NetworkMap map, CancellationToken cancel) =>
        (await map.CurrentAsync(cancel)).Find(id) is { } location && location.Operator == caller.Tenant
            ? TypedResults.Ok(BodyOf(location))
            : Problem.NotFound("location");

    private static async Task<IResult> Put(HttpContext context, Caller caller, LocationBody body, NetworkMap map, PartnerBook partners, IdempotentWrites writes)
    {
        var hours = OpeningHours.TryParse(body.Hours, body.TimeZone, out var fault);
        var check = new Check()
            .Text(body.Code, "#/code", 50)
            .Text(body.Name, "#/name", 200)
            .Text(body.Region, "#/region", 20)
            .That(body.Id is null, "#/id", "The id is ours to give; a location is found by its code.")
            .That(GeoPoint.TryCreate(body.Point.Latitude, body.Point.Longitude, out var point), "#/point", "Latitude is −90 to 90 and longitude −180 to 180 degrees.")
            .That(hours is not null, DateTimeFault(fault), fault)
            .Range(body.ThroughputPerHour, "#/throughputPerHour", 1, 1_000_000)
            .Range(body.HandlingMinutes, "#/handlingMinutes", 0, 10_000)
            .Range(body.WithinHourMetres, "#/withinHourMetres", 0, MetresMax)
            .Range(body.SameDayMetres, "#/sameDayMetres", 0, MetresMax)
            .Range(body.NextDayMetres, "#/nextDayMetres", 0, MetresMax)
            .List(body.TemperatureClasses, "#/temperatureClasses", 4);
        var network = await map.CurrentAsync(context.RequestAborted);
        var host = body.HostedIn is { } id ? network.Find(id) : null;
        check.That(body.HostedIn is null || host is not null, "#/hostedIn", NoHost);
        if (check.Failed)
            return check.Refusal;

        var existing = network.Locations.FirstOrDefault(location => location.Operator == caller.Tenant && location.Code == body.Code);
        return await writes.RunAsync(context, caller, async tx =>
        {
            if (host is not null && host.Operator != caller.Tenant && !(await partners.GrantedToAsync(tx, caller.Tenant, AgreementKind.Host, tx.Now)).Any(grant => grant.Grantor == host.Operator && grant.Covers(null, host.Id, host.Region)))
                return Outcome.Refuse(new Check().That(false, "#/hostedIn", NoHost).Refusal);

            var location = new Location
            {
                Operator = caller.Tenant,
                Id = existing?.Id ?? LocationId.New(tx.Now),
                Code = body.Code,
                Name = body.Name,
                Kind = body.Kind,
                HostedIn = body.HostedIn,
                Region = body.Region,
                Point = point,
                Hours = hours!, // Checked above: without hours the request was refused.
                SameDayCutOff = body.SameDayCutOff,
                NextDayCutOff = body.NextDayCutOff,
                ThroughputPerHour = body.ThroughputPerHour,
                HandlingMinutes = body.HandlingMinutes,
                TemperatureMask = body.TemperatureClasses.ToMask(),
                WithinHourMetres = body.WithinHourMetres,
                SameDayMetres = body.SameDayMetres,
                NextDayMetres = body.NextDayMetres,
                IsActive = body.IsActive,
            };
            await map.PutAsync(tx, [location]);
            return new Answer(200, BodyOf(location));
        });
    }

    private static async Task<IResult> Regions(Caller caller, NetworkMap map, CancellationToken cancel) =>
        TypedResults.Ok(new Page<RegionBody>([.. (await map.CurrentAsync(cancel)).Regions.Where(region => region.Tenant == caller.Tenant).Select(BodyOf)], null));

    private static async Task<IResult> PutRegion(HttpContext context, Caller caller, RegionBody body, NetworkMap map, IdempotentWrites writes)
    {
        var check = new Check()
            .Text(body.Code, "#/code", 20)
            .Text(body.Name, "#/name", 100)
            .That(GeoPoint.TryCreate(body.Centre.Latitude, body.Centre.Longitude, out var centre), "#/centre", "Latitude is −90 to 90 and longitude −180 to 180 degrees.");
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx =>
        {
            await map.PutAsync(tx, [new Region(caller.Tenant, body.Code, body.Name, centre, body.IsActive)]);
            return new Answer(200, body);
        });
    }

    private static string DateTimeFault(string fault) => fault.Contains("time zone", StringComparison.Ordinal) ? "#/timeZone" : "#/hours";

    private static LocationBody BodyOf(Location location) =>
        new(
            location.Code,
            location.Name,
            location.Kind,
            location.Region,
            new PointBody(location.Point.Latitude, location.Point.Longitude),
            location.Hours.Zone.Id,
            location.Hours.Week,
            location.ThroughputPerHour,
            location.HandlingMinutes,
            TemperatureClasses.FromMask(location.TemperatureMask))
        {
            Id = location.Id,
            HostedIn = location.HostedIn,
            SameDayCutOff = location.SameDayCutOff,
            NextDayCutOff = location.NextDayCutOff,
            WithinHourMetres = location.WithinHourMetres,
            SameDayMetres = location.SameDayMetres,
            NextDayMetres = location.NextDayMetres,
            IsActive = location.IsActive,
        };

    private static RegionBody BodyOf(Region region) => new(region.Code, region.Name, new PointBody(region.Centre.Latitude, region.Centre.Longitude), region.IsActive);
}
