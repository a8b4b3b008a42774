using System.Security.Claims;
using Caravan.Platform.Access;
using Caravan.Platform.Ids;

namespace Caravan.Platform.Tenancy;

/// <summary>A partner: the company that owns rows. Every table's key begins with one, as <c>tenant</c>.</summary>
public readonly struct PartnerIdKind : IIdKind
{
    /// <inheritdoc/>
    public static string Prefix => "ptn";
}

/// <summary>Who is asking. Every endpoint that is not open to all takes one, and gives its tenant to every query.</summary>
/// <param name="Tenant">The company in whose name the request is made.</param>
/// <param name="Name">What the key or session is called, for the record.</param>
public sealed record Caller(PartnerId Tenant, string Name)
{
    internal const string TenantClaim = "tenant";
    internal const string KeyClaim = "key";
    internal const string ScopeClaim = "scope";

    /// <summary>What it may do there.</summary>
    public Scopes Scopes { get; init; } = Scopes.All;

    /// <summary>The public part of the key it came with; none for whoever came by the demo's door.</summary>
    public string? Key { get; init; }

    /// <summary>When that key's time is over; known where it has just been looked at.</summary>
    internal DateTimeOffset? KeyEnds { get; init; }

    internal IEnumerable<Claim> Claims
    {
        get
        {
            yield return new Claim(ClaimTypes.Name, Name);
            yield return new Claim(TenantClaim, Tenant.ToString());
            if (Key is not null)
                yield return new Claim(KeyClaim, Key);
            if (Scopes.Written is { } stated)
                yield return new Claim(ScopeClaim, stated);
        }
    }

    /// <summary>The caller of this request; the authorisation policy has already turned strangers away.</summary>
    public static ValueTask<Caller> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context));

    /// <inheritdoc cref="BindAsync"/>
    public static Caller Of(HttpContext context) =>
        TryOf(context) ?? throw new InvalidOperationException("An endpoint that takes a Caller must not be open to all.");

    /// <summary>The caller, or nobody on pages that are open to all.</summary>
    public static Caller? TryOf(HttpContext context) =>
        context.User.FindFirstValue(TenantClaim) is { } tenant
            ? new Caller(PartnerId.Parse(tenant, null), context.User.Identity?.Name ?? "") { Key = context.User.FindFirstValue(KeyClaim), Scopes = Scopes.Read(context.User.FindFirstValue(ScopeClaim)) }
            : null;
}
