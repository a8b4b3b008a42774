using System.Text.Json;
using Caravan.Platform.Storage;

namespace Caravan.Partners;

internal static class PartnerStore
{
    private const string AgreementColumns = "tenant, id, grantee, kind, gtins, locations, region, share_percent, valid_from, valid_to, revoked_at";

    /// <summary>Agreements of a grantor have changed.</summary>
    public const string Topic = "agreements";

    public static async Task<IReadOnlyList<Partner>> AllAsync(Db db) =>
        [.. (await db.QueryAsync<PartnerRow>("SELECT tenant, slug, name, is_demo FROM partners ORDER BY name, slug")).Select(row => row.ToPartner())];

    public static async Task<Partner?> FindAsync(Db db, PartnerId id) =>
        (await db.FirstAsync<PartnerRow>("SELECT tenant, slug, name, is_demo FROM partners WHERE tenant = @id", new { id }))?.ToPartner();

    public static async Task<IReadOnlyList<Partner>> ManyAsync(Db db, IEnumerable<PartnerId> partners) =>
        [.. (await db.QueryAsync<PartnerRow>("SELECT tenant, slug, name, is_demo FROM partners WHERE tenant IN @ids ORDER BY name, slug", new { ids = partners.ToKeys(db) })).Select(row => row.ToPartner())];

    public static async Task<IReadOnlyList<Agreement>> GrantedToAsync(Db db, PartnerId grantee, AgreementKind kind) =>
        [.. (await db.QueryAsync<AgreementRow>(
            $"SELECT {AgreementColumns} FROM agreements WHERE grantee = @grantee AND kind = @kind AND revoked_at IS NULL ORDER BY tenant, id",
            new { grantee, kind = kind.ToString() })).Select(row => row.ToAgreement())];

    /// <summary>Every agreement, also ended ones, in which a partner is one of the two.</summary>
    public static async Task<IReadOnlyList<Agreement>> OfAsync(Db db, PartnerId partner) =>
        [.. (await db.QueryAsync<AgreementRow>($"SELECT {AgreementColumns} FROM agreements WHERE tenant = @partner OR grantee = @partner ORDER BY id", new { partner })).Select(row => row.ToAgreement())];

    public static Task InsertAsync(Tx tx, Agreement agreement)
    {
        tx.Announce(Topic, agreement.Grantor);
        return tx.ExecuteAsync(
            """
            INSERT INTO agreements (tenant, id, grantee, kind, gtins, locations, region, share_percent, valid_from, valid_to, revoked_at)
            VALUES (@tenant, @Id, @Grantee, @kind, @gtins, @locations, @Region, @SharePercent, @From, @To, @RevokedAt)
            """,
            new
            {
                tenant = agreement.Grantor,
                agreement.Id,
                agreement.Grantee,
                kind = agreement.Kind.ToString(),
                gtins = agreement.Gtins is null ? null : JsonSerializer.Serialize(agreement.Gtins, PartnerJson.Default.IReadOnlyListString),
                locations = agreement.Locations is null ? null : JsonSerializer.Serialize(agreement.Locations, PartnerJson.Default.LocationIds),
                agreement.Region,
                agreement.SharePercent,
                agreement.From,
                agreement.To,
                agreement.RevokedAt,
            });
    }

    public static async Task<bool> RevokeAsync(Tx tx, PartnerId grantor, AgreementId id)
    {
        tx.Announce(Topic, grantor);
        return await tx.ExecuteAsync("UPDATE agreements SET revoked_at = COALESCE(revoked_at, @now) WHERE tenant = @grantor AND id = @id", new { grantor, id, now = tx.Now }) > 0;
    }

    private sealed record PartnerRow
    {
        public PartnerId Tenant { get; init; }
        public string Slug { get; init; } = "";
        public string Name { get; init; } = "";
        public bool IsDemo { get; init; }

        public Partner ToPartner() => new(Tenant, Slug, Name, IsDemo);
    }

    private sealed record AgreementRow
    {
        public PartnerId Tenant { get; init; }
        public AgreementId Id { get; init; }
        public PartnerId Grantee { get; init; }
        public AgreementKind Kind { get; init; }
        public string? Gtins { get; init; }
        public string? Locations { get; init; }
        public string? Region { get; init; }
        public int SharePercent { get; init; }
        public DateTimeOffset ValidFrom { get; init; }
        public DateTimeOffset? ValidTo { get; init; }
        public DateTimeOffset? RevokedAt { get; init; }

        public Agreement ToAgreement() => new(
            Id,
            Tenant,
            Grantee,
            Kind,
            Gtins is null ? null : JsonSerializer.Deserialize(Gtins, PartnerJson.Default.IReadOnlyListString),
            Locations is null ? null : JsonSerializer.Deserialize(Locations, PartnerJson.Default.LocationIds),
            Region,
            SharePercent,
            ValidFrom,
            ValidTo,
            RevokedAt);
    }
}
