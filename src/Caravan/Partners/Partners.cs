using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Partners;

/// <summary>A company on Caravan.</summary>
public sealed record Partner(PartnerId Id, string Slug, string Name, bool IsDemo);

/// <summary>What an agreement lets the grantee do.</summary>
public enum AgreementKind
{
    /// <summary>Sell from the grantor's stock.</summary>
    SellStock,

    /// <summary>Have the grantor's couriers carry the grantee's parcels.</summary>
    Ship,

    /// <summary>Hand over to customers at the grantor's stations.</summary>
    HandOver,

    /// <summary>Have a shop or station of the grantee's own in the grantor's locations, with its own stock.</summary>
    Host,

    /// <summary>Have the grantor's people pick and pack for the grantee's shops that stand in the grantor's locations.</summary>
    Pick,
}

/// <summary>A partner's grant to another. A null scope means everything of that sort.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Grantor">Who grants.</param>
/// <param name="Grantee">Who may.</param>
/// <param name="Kind">May what.</param>
/// <param name="Gtins">Which items, by GTIN-14.</param>
/// <param name="Locations">At which of the grantor's locations.</param>
/// <param name="Region">In which region.</param>
/// <param name="SharePercent">How much of each cell's sellable stock the grantee may take, 1 to 100.</param>
/// <param name="From">Since when.</param>
/// <param name="To">Until when, exclusive.</param>
/// <param name="RevokedAt">When it was taken back.</param>
public sealed record Agreement(
    AgreementId Id,
    PartnerId Grantor,
    PartnerId Grantee,
    AgreementKind Kind,
    IReadOnlyList<string>? Gtins,
    IReadOnlyList<LocationId>? Locations,
    string? Region,
    int SharePercent,
    DateTimeOffset From,
    DateTimeOffset? To,
    DateTimeOffset? RevokedAt)
{
    /// <summary>Whether it holds at an instant.</summary>
    public bool IsInForce(DateTimeOffset at) => RevokedAt is null && From <= at && (To is null || To > at);

    /// <summary>Whether it holds for an item at a location.</summary>
    public bool Covers(string? gtin, LocationId location, string region) =>
        (Gtins is null || (gtin is not null && Gtins.Contains(gtin)))
        && (Locations is null || Locations.Contains(location))
        && (Region is null || Region == region);
}

/// <summary>The companies and what they let each other do. Nothing crosses companies without an agreement.</summary>
public sealed class PartnerBook
{
    private const int GranteesMax = 100_000;

    private readonly TimeProvider clock;
    private readonly Recent<(PartnerId Grantee, AgreementKind Kind), IReadOnlyList<Agreement>> grants = new(GranteesMax, agreements => 1 + agreements.Count);

    internal PartnerBook(Store store, TimeProvider clock)
    {
        this.clock = clock;
        store.Caches["agreements"] = () => grants.State;
        store.Listen(PartnerStore.Topic, _ => grants.Clear());
    }

    /// <summary>Adds a company, in the caller's transaction.</summary>
    public async Task<Partner> AddAsync(Tx tx, string slug, string name, bool isDemo)
    {
        var partner = new Partner(PartnerId.New(clock.GetUtcNow()), slug, name, isDemo);
        await tx.ExecuteAsync(
            "INSERT INTO partners (tenant, slug, name, is_demo, created_at) VALUES (@Id, @Slug, @Name, @IsDemo, @now)",
            new { partner.Id, partner.Slug, partner.Name, partner.IsDemo, now = tx.Now });
        return partner;
    }

    /// <summary>All companies, by name.</summary>
    public Task<IReadOnlyList<Partner>> AllAsync(Db db) => PartnerStore.AllAsync(db);

    /// <summary>A company by its id.</summary>
    public Task<Partner?> FindAsync(Db db, PartnerId id) => PartnerStore.FindAsync(db, id);

    /// <summary>Grants, in the caller's transaction.</summary>
    public Task GrantAsync(Tx tx, Agreement agreement) => PartnerStore.InsertAsync(tx, agreement);

    /// <summary>Whether a company has made an agreement of a kind that is not taken back.</summary>
    public async Task<bool> IsGrantedByAsync(Db db, PartnerId grantor, AgreementId agreement, AgreementKind kind) =>
        (await PartnerStore.OfAsync(db, grantor)).Any(one => one.Id == agreement && one.Grantor == grantor && one.Kind == kind && one.RevokedAt is null);

    /// <summary>The agreements that a company made or was given and that were not taken back.</summary>
    public async Task<IReadOnlyList<Agreement>> AgreementsOfAsync(Db db, PartnerId company) =>
        [.. (await PartnerStore.OfAsync(db, company)).Where(one => one.RevokedAt is null)];

    /// <summary>
    /// The agreements in force that let <paramref name="grantee"/> do something. In a transaction they are read, else remembered from
    /// the last time: what is decided on them is decided again in the transaction.
    /// </summary>
    public async ValueTask<IReadOnlyList<Agreement>> GrantedToAsync(Db db, PartnerId grantee, AgreementKind kind, DateTimeOffset now)
    {
        var readAt = db.ReadAt;
        var all = db is Tx ? null : grants.Find((grantee, kind));
        if (all is null)
        {
            all = await PartnerStore.GrantedToAsync(db, grantee, kind);
            if (db is not Tx)
                grants.Keep((grantee, kind), all, readAt);
        }

        return all.All(agreement => agreement.IsInForce(now)) ? all : [.. all.Where(agreement => agreement.IsInForce(now))];
    }
}

internal static class PartnersRoom
{
    public static IServiceCollection AddPartners(this IServiceCollection services) =>
        services.AddSingleton(provider => new PartnerBook(provider.GetRequiredService<Store>(), provider.GetRequiredService<TimeProvider>())).AddPartnerJson();

    public static void MapPartners(this IEndpointRouteBuilder routes) => routes.MapPartnerEndpoints();
}
