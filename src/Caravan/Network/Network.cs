using System.Collections.Frozen;
using Caravan.Engines.Geo;
using Caravan.Platform.Storage;

namespace Caravan.Network;

/// <summary>What a location is.</summary>
public enum LocationKind
{
    /// <summary>Holds stock, not open to shoppers.</summary>
    Warehouse,

    /// <summary>A shop, whose shelves serve orders as well.</summary>
    Store,

    /// <summary>Where shoppers collect; often hosted in a store.</summary>
    Station,

    /// <summary>Where parcels change vehicles.</summary>
    Hub,
}

/// <summary>How soon and where a parcel comes.</summary>
public enum DeliveryService
{
    /// <summary>At the door within sixty minutes, from a store.</summary>
    WithinHour,

    /// <summary>At the door today.</summary>
    SameDay,

    /// <summary>At the door within twenty-four hours, from a warehouse.</summary>
    NextDay,

    /// <summary>Collected by the customer at a station.</summary>
    PickUp,
}

/// <summary>A part of the country that can be switched on or off.</summary>
public sealed record Region(PartnerId Tenant, string Code, string Name, GeoPoint Centre, bool IsActive);

/// <summary>A node of the network. Its tenant is the operator: the company whose people work there.</summary>
public sealed record Location
{
    /// <summary>The company whose people work there.</summary>
    public required PartnerId Operator { get; init; }

    /// <summary>Its id.</summary>
    public required LocationId Id { get; init; }

    /// <summary>The operator's own code for it.</summary>
    public required string Code { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it is.</summary>
    public required LocationKind Kind { get; init; }

    /// <summary>The location it stands in: a shop in a shop, a station in a store.</summary>
    public LocationId? HostedIn { get; init; }

    /// <summary>The code of its region.</summary>
    public required string Region { get; init; }

    /// <summary>Where it is.</summary>
    public required GeoPoint Point { get; init; }

    /// <summary>When it works.</summary>
    public required OpeningHours Hours { get; init; }

    /// <summary>Until when, on its wall clock, an order can leave today; null: no same-day service.</summary>
    public TimeOnly? SameDayCutOff { get; init; }

    /// <summary>Until when, on its wall clock, an order can arrive tomorrow; null: no next-day service.</summary>
    public TimeOnly? NextDayCutOff { get; init; }

    /// <summary>How many orders its people can pick in an hour.</summary>
    public required int ThroughputPerHour { get; init; }

    /// <summary>Minutes from hearing of an order to having it ready, when nothing else waits.</summary>
    public required int HandlingMinutes { get; init; }

    /// <summary>Bit n: it keeps temperature class n.</summary>
    public required uint TemperatureMask { get; init; }

    /// <summary>How far it delivers within the hour, as the crow flies; 0: not at all.</summary>
    public required int WithinHourMetres { get; init; }

    /// <summary>How far it delivers the same day; 0: not at all.</summary>
    public required int SameDayMetres { get; init; }

    /// <summary>How far it delivers by the next day; 0: not at all.</summary>
    public required int NextDayMetres { get; init; }

    /// <summary>Whether it works at all.</summary>
    public bool IsActive { get; init; } = true;

    /// <summary>The radius of a service area in metres; stations are collected at, from anywhere.</summary>
    public int ServiceMetres(DeliveryService service) => service switch
    {
        DeliveryService.WithinHour => WithinHourMetres,
        DeliveryService.SameDay => SameDayMetres,
        DeliveryService.NextDay => NextDayMetres,
        _ => Kind == LocationKind.Station ? int.MaxValue : 0,
    };
}

/// <summary>The network as it stands: small enough (thousands of locations) to be held whole, and replaced whole when it changes.</summary>
public sealed class NetworkSnapshot
{
    private readonly FrozenDictionary<LocationId, Location> byId;
    private readonly FrozenSet<(PartnerId, string)> regionsOff; // Most often none.

    internal NetworkSnapshot(IReadOnlyList<Location> locations, IReadOnlyList<Region> allRegions)
    {
        Locations = locations;
        Regions = allRegions;
        Stations = [.. locations.Where(location => location.Kind == LocationKind.Station)];
        byId = locations.ToFrozenDictionary(location => location.Id);
        regionsOff = allRegions.Where(region => !region.IsActive).Select(region => (region.Tenant, region.Code)).ToFrozenSet();
    }

    /// <summary>All companies' locations; what one company may see of another's goes through an agreement.</summary>
    public IReadOnlyList<Location> Locations { get; }

    /// <summary>All companies' regions.</summary>
    public IReadOnlyList<Region> Regions { get; }

    /// <summary>Those of the locations that are stations.</summary>
    public IReadOnlyList<Location> Stations { get; }

    /// <summary>A location by its id.</summary>
    public Location? Find(LocationId id) => byId.GetValueOrDefault(id);

    /// <summary>The location that another stands in, when its operator is another company; null otherwise.</summary>
    public Location? HostOf(Location guest) => guest.HostedIn is { } id && Find(id) is { } host && host.Operator != guest.Operator ? host : null;

    /// <summary>Whether a company's people may work at a location: it is theirs, or it stands in one of theirs.</summary>
    public bool IsWorkedBy(Location location, PartnerId company) => location.Operator == company || HostOf(location)?.Operator == company;

    /// <summary>The same network, were some of a company's regions and locations otherwise.</summary>
    internal NetworkSnapshot With(PartnerId company, IReadOnlyDictionary<string, bool> regions, IReadOnlyDictionary<LocationId, Func<Location, Location>> changed) => new(
        [.. Locations.Select(location => location.Operator == company && changed.TryGetValue(location.Id, out var change) ? change(location) : location)],
        [.. Regions.Select(region => region.Tenant == company && regions.TryGetValue(region.Code, out var isActive) ? region with { IsActive = isActive } : region)]);

    /// <summary>Whether a location's operator has its region switched on; a region nobody has written down is on.</summary>
    public bool IsRegionOn(Location location) => regionsOff.Count == 0 || !regionsOff.Contains((location.Operator, location.Region));
}

/// <summary>The companies' locations and regions.</summary>
public sealed class NetworkMap
{
    private const string Topic = "network";

    // On a store that other servers share, how long a change of theirs may go unseen.
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    private readonly Store store;
    private volatile Kept? current;
    private long changedAt;

    internal NetworkMap(Store store)
    {
        this.store = store;
        store.Listen(Topic, _ =>
        {
            Turn.Latest(ref changedAt);
            current = null;
        });
    }

    /// <summary>The network as of the last change committed here; where servers share a store, of another's a second ago.</summary>
    public async ValueTask<NetworkSnapshot> CurrentAsync(CancellationToken cancel)
    {
        var kept = current;
        if (kept is not null && (store.Postgres is null || TimeProvider.System.GetElapsedTime(kept.LookedAt) < LookAgainAfter))
            return kept.Snapshot;

        var now = TimeProvider.System.GetTimestamp();
        var found = await store.ReadAsync(async db =>
        {
            var version = await LocationStore.VersionAsync(db);
            return (Kept: new Kept(kept?.Version == version ? kept.Snapshot : await LocationStore.AllAsync(db), version, now), db.ReadAt);
        }, cancel);

        // Whoever asked before a change may be told how it was; whoever asks after it may not.
        if (found.ReadAt > Interlocked.Read(ref changedAt))
            current = found.Kept;
        if (found.ReadAt < Interlocked.Read(ref changedAt))
            current = null;
        return found.Kept.Snapshot;
    }

    /// <summary>Adds locations or, where the operator has the code already, replaces what is said of them; the id stays.</summary>
    public async Task PutAsync(Tx tx, IReadOnlyCollection<Location> locations)
    {
        foreach (var location in locations.DistinctBy(location => location.Operator))
            tx.Announce(Topic, location.Operator);
        await LocationStore.CountChangeAsync(tx, locations.Select(location => location.Operator));
        await LocationStore.PutAsync(tx, locations);
    }

    /// <summary>Adds regions or replaces them by code.</summary>
    public async Task PutAsync(Tx tx, IReadOnlyCollection<Region> regions)
    {
        foreach (var region in regions.DistinctBy(region => region.Tenant))
            tx.Announce(Topic, region.Tenant);
        await LocationStore.CountChangeAsync(tx, regions.Select(region => region.Tenant));
        await LocationStore.PutAsync(tx, regions);
    }

    /// <summary>Switches a company's region on or off; says how it stood, or null when there is none.</summary>
    public async Task<bool?> SwitchAsync(Tx tx, PartnerId company, string code, bool isActive)
    {
        if (await LocationStore.IsActiveAsync(tx, company, code) is not { } before)
            return null;

        tx.Announce(Topic, company);
        await LocationStore.CountChangeAsync(tx, [company]);
        await LocationStore.SwitchAsync(tx, company, code, isActive);
        return before;
    }

    /// <summary>Moves the cut-offs of a company's location; says how they stood, or null when there is no such location.</summary>
    public async Task<(TimeOnly? SameDay, TimeOnly? NextDay)?> SetCutOffsAsync(Tx tx, PartnerId company, LocationId location, TimeOnly? sameDay, TimeOnly? nextDay)
    {
        if (await LocationStore.CutOffsAsync(tx, company, location) is not { } before)
            return null;

        tx.Announce(Topic, company);
        await LocationStore.CountChangeAsync(tx, [company]);
        await LocationStore.SetCutOffsAsync(tx, company, location, sameDay, nextDay);
        return before;
    }

    private sealed record Kept(NetworkSnapshot Snapshot, long Version, long LookedAt);
}

internal static class NetworkRoom
{
    public static IServiceCollection AddNetwork(this IServiceCollection services) =>
        services.AddSingleton(provider => new NetworkMap(provider.GetRequiredService<Store>())).AddSingleton<TravelTimes>().AddNetworkJson();

    public static void MapNetwork(this IEndpointRouteBuilder routes) => routes.MapLocationEndpoints();
}
