using System.Text.Json.Serialization;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Platform.Access;

/// <summary>A key to be made. Without scopes it may do all that its company may; without an end it lasts until it is revoked.</summary>
internal sealed record NewKeyBody(string Name)
{
    public List<string>? Scopes { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>For how many minutes the old key goes on beside the new one.</summary>
internal sealed record RotateKeyBody
{
    public int KeepMinutes { get; init; } = 24 * 60;
}

/// <summary>A key, and in the first answer after it was made all of it.</summary>
internal sealed record KeyBody(KeyId Id, string Prefix, string Name, IReadOnlyList<string>? Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt)
{
    public string? Key { get; init; }

    public static KeyBody Of(AccessKey key) => new(key.Id, key.Prefix, key.Name, key.Scopes, key.CreatedAt, key.ExpiresAt, key.LastUsedAt);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Page<KeyBody>))]
[JsonSerializable(typeof(KeyBody))]
[JsonSerializable(typeof(NewKeyBody))]
[JsonSerializable(typeof(RotateKeyBody))]
internal sealed partial class KeyJson : JsonSerializerContext;

internal static class KeyEndpoints
{
    public static void MapKeyEndpoints(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").WithTags("Keys").NeedsScope(Area.Keys);
        keys.MapGet("", List).WithSummary("Your company's active keys, by name, and when each was last used").Produces<Page<KeyBody>>();
        keys.MapGet("/{id}", Get).WithSummary("An active key").Produces<KeyBody>().ProducesProblem(404);
        keys.MapPost("", Make).WithSummary("Make a key; the answer has it whole, this once: a repeated request gets the rest").Produces<KeyBody>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);
        keys.MapPost("/{id}:rotate", Rotate).WithSummary("Make a key in the place of this one, which goes on for some minutes (a day)").Produces<KeyBody>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        keys.MapDelete("/{id}", Revoke).WithSummary("Revoke a key: it opens nothing any more, nor do sessions and tokens that it opened").Produces(204).ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<Ok<Page<KeyBody>>> List(Caller caller, Store store, TimeProvider clock, CancellationToken cancel) =>
        TypedResults.Ok(new Page<KeyBody>([.. (await store.ReadAsync(db => KeyDesk.ActiveAsync(db, caller.Tenant, clock.GetUtcNow()), cancel)).Select(KeyBody.Of)], null));

    private static async Task<IResult> Get(Caller caller, KeyId id, Store store, TimeProvider clock, CancellationToken cancel) =>
        await store.ReadAsync(db => KeyDesk.FindAsync(db, caller.Tenant, id, clock.GetUtcNow()), cancel) is { } key ? TypedResults.Ok(KeyBody.Of(key)) : Problem.NotFound("active key");

    private static async Task<IResult> Make(HttpContext context, Caller caller, NewKeyBody body, KeyDesk desk, IdempotentWrites writes, TimeProvider clock)
    {
        var check = new Check()
            .Text(body.Name, "#/name", KeyDesk.NameLength)
            .That(body.ExpiresAt is null || (body.ExpiresAt > clock.GetUtcNow() && body.ExpiresAt <= clock.GetUtcNow() + KeyDesk.LongestLife), "#/expiresAt", "Give an instant in the next ten years, or leave the field out for a key without an end.");
        var scopes = ReadScopes(body.Scopes, check);
        if (check.Failed)
            return check.Refusal;

        context.Response.Headers.CacheControl = "no-store";
        return await writes.RunAsync(context, caller, async tx => AnswerOf(await desk.MakeAsync(tx, caller, body.Name.Trim(), scopes, body.ExpiresAt)));
    }

    private static async Task<IResult> Rotate(HttpContext context, Caller caller, KeyId id, RotateKeyBody body, KeyDesk desk, IdempotentWrites writes)
    {
        var check = new Check().Range(body.KeepMinutes, "#/keepMinutes", 0, KeyDesk.KeepMinutesMax);
        if (check.Failed)
            return check.Refusal;

        context.Response.Headers.CacheControl = "no-store";
        return await writes.RunAsync(context, caller, async tx => AnswerOf(await desk.RotateAsync(tx, caller, id, body.KeepMinutes)));
    }

    private static Task<IResult> Revoke(HttpContext context, Caller caller, KeyId id, KeyDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => await desk.RevokeAsync(tx, caller, id) is { } refusal ? Outcome.Refuse(refusal) : new Answer(204));

    /// <summary>Scopes as they are sent; none stated: everything.</summary>
    private static Scopes ReadScopes(List<string>? names, Check check)
    {
        if (names is null)
            return Scopes.All;

        check.List(names, "#/scopes", Scopes.Known.Count);
        var scopes = default(Scopes);
        for (var i = 0; i < names.Count && i < Scopes.Known.Count; i++)
        {
            if (names[i] is { } name && Scopes.TryParse(name, out var scope))
                scopes |= scope;
            else
                check.That(false, $"#/scopes/{i}", $"Give one of {string.Join(", ", Scopes.Known)}.");
        }

        return scopes;
    }

    private static Outcome AnswerOf((MadeKey? Made, IResult? Refusal) outcome)
    {
        if (outcome.Made is not { } made)
            return Outcome.Refuse(outcome.Refusal!); // One of the two.

        var body = KeyBody.Of(made.Key);
        return new Answer(201, body, $"/v1/keys/{made.Key.Id}") { ShownOnce = body with { Key = made.Whole } };
    }
}
