using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.Extensions.Options;
using HttpJson = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Caravan.Platform.Idempotency;

/// <summary>What a write answers: kept with its key and given again, byte for byte, when the request is repeated.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Value">The body, written by the house rules of JSON; none for 204.</param>
/// <param name="Location">Where what was made can be found.</param>
public sealed record Answer(int Status, object? Value = null, string? Location = null);

/// <summary>The outcome of a write: an answer, or a refusal, which leaves no trace and no key.</summary>
public readonly record struct Outcome(Answer? Answer, IResult? Refusal)
{
    /// <summary>Done.</summary>
    public static implicit operator Outcome(Answer answer) => new(answer, null);

    /// <summary>Refused.</summary>
    public static Outcome Refuse(IResult refusal) => new(null, refusal);
}

/// <summary>
/// Writes that may be repeated: the key and its answer are stored in the transaction of the effect. The same key with the
/// same request gets the same answer for 24 hours, marked <c>Idempotent-Replayed: true</c>; with another request, 422.
/// </summary>
public sealed class IdempotentWrites(Store store, IOptions<HttpJson> json)
{
    /// <summary>How long a key is kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    private const string Header = "Idempotency-Key";
    private const int LongestKey = 255;

    /// <summary>Does a write once. A caller that sends no key gets a plain write, unless the endpoint insists on one.</summary>
    public async Task<IResult> RunAsync(HttpContext context, Caller caller, Func<Tx, Task<Outcome>> work, bool isKeyRequired = false)
    {
        var cancel = context.RequestAborted;
        if (!context.Request.Headers.TryGetValue(Header, out var keys))
        {
            return isKeyRequired
                ? Problem.Invalid(new Fault { Parameter = Header, Detail = "Send an Idempotency-Key header of your own making (a UUID, say), so that a repeated request is not done twice." })
                : Result(await store.WriteAsync(async tx => Settle(await UndoRefusal(tx, work)), cancel));
        }

        var key = keys.ToString();
        if (keys.Count != 1 || key.Length is 0 or > LongestKey || key.Any(c => c is < '!' or > '~'))
            return Problem.Invalid(new Fault { Parameter = Header, Detail = $"Give one key of 1 to {LongestKey} visible ASCII characters." });

        var hash = await HashAsync(context);
        var replayed = false;
        var outcome = await store.WriteAsync(async tx =>
        {
            replayed = false;
            var stored = await tx.FirstAsync<Row>(
                "SELECT request_hash, status, body, location FROM idempotency_keys WHERE tenant = @tenant AND key = @key AND at > @oldest",
                new { tenant = caller.Tenant, key, oldest = tx.Now - Kept });
            if (stored is not null)
            {
                replayed = stored.RequestHash.AsSpan().SequenceEqual(hash);
                return replayed ? new Settled(stored, null) : new Settled(null, Reused(key));
            }

            var outcome = Settle(await UndoRefusal(tx, work));
            if (outcome.Answer is { } answer)
            {
                await tx.ExecuteAsync(
                    """
                    INSERT INTO idempotency_keys (tenant, key, request_hash, status, location, body, at)
                    VALUES (@tenant, @key, @hash, @Status, @Location, @Body, @now)
                    ON CONFLICT (tenant, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status,
                        location = excluded.location, body = excluded.body, at = excluded.at
                    """,
                    new { tenant = caller.Tenant, key, hash, answer.Status, answer.Location, answer.Body, now = tx.Now });
            }

            return outcome;
        }, cancel);
        if (replayed)
            context.Response.Headers["Idempotent-Replayed"] = "true";
        return Result(outcome);
    }

    private static async Task<Outcome> UndoRefusal(Tx tx, Func<Tx, Task<Outcome>> work)
    {
        var outcome = await work(tx);
        if (outcome.Refusal is not null)
            tx.Undo();
        return outcome;
    }

    private static IResult Result(Settled written) =>
        written.Refusal ?? new AnswerResult(written.Answer ?? throw new InvalidOperationException("A write ended with neither an answer nor a refusal."));

    private Settled Settle(Outcome outcome) => outcome.Answer is { } answer
        ? new Settled(new Row { Status = answer.Status, Location = answer.Location, Body = answer.Value is null ? "" : JsonSerializer.Serialize(answer.Value, answer.Value.GetType(), json.Value.SerializerOptions) }, null)
        : new Settled(null, outcome.Refusal);

    private static IResult Reused(string key) =>
        Problem.Of(422, "idempotency-key-reused", "Idempotency key reused", $"The key '{key}' was used for another request in the last 24 hours. Use a new key for a new request.");

    // Method, path and body: the same key on another order is a mistake that must not be answered with the first.
    private static async Task<byte[]> HashAsync(HttpContext context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}\n"));
        var body = context.Request.Body;
        if (body.CanSeek)
        {
            body.Position = 0;
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await body.ReadAsync(buffer, context.RequestAborted)) > 0)
                hash.AppendData(buffer, 0, read);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Keeps a keyed request's body at hand, since it is hashed after it was read.</summary>
    internal static Task Buffer(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers.ContainsKey(Header))
            context.Request.EnableBuffering();
        return next(context);
    }

    private sealed class AnswerResult(Row answer) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = answer.Status;
            if (answer.Location is not null)
                httpContext.Response.Headers.Location = answer.Location;
            if (answer.Body.Length == 0)
                return Task.CompletedTask;

            // A refusal that had an effect (a wrong code is counted) is kept with its key and answered as the problem it is.
            httpContext.Response.ContentType = answer.Status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8";
            return httpContext.Response.WriteAsync(answer.Body, httpContext.RequestAborted);
        }
    }

    private sealed record Row
    {
        public byte[] RequestHash { get; init; } = [];
        public int Status { get; init; }
        public string Body { get; init; } = "";
        public string? Location { get; init; }
    }

    private readonly record struct Settled(Row? Answer, IResult? Refusal);
}
