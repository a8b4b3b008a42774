using System.Buffers;
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
public sealed record Answer(int Status, object? Value = null, string? Location = null)
{
    /// <summary>The body of the first answer where it holds what is not kept, such as a secret: a repeated request gets <see cref="Value"/>.</summary>
    public object? ShownOnce { get; init; }
}

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
        var (keyed, fault) = await ReadAsync(context, caller, isKeyRequired);
        if (fault is not null)
            return fault;
        if (keyed is null)
            return Result(await store.WriteAsync(async tx => Settle(await UndoRefusal(tx, work), []), cancel));

        var replayed = false;
        var settled = await store.WriteAsync(async tx =>
        {
            if ((await KeptAnswers.OfAsync(tx, [keyed])).TryGetValue((keyed.Tenant, keyed.Key), out var kept))
            {
                replayed = IsSame(kept, keyed);
                return replayed ? new Settled(kept) : new Settled(null, Reused(keyed.Key));
            }

            replayed = false;
            var settled = Settle(await UndoRefusal(tx, work), keyed.Hash);
            if (settled.Answer is { } answer)
                await KeptAnswers.KeepAsync(tx, [(keyed, answer)]);
            return settled;
        }, cancel);
        return Result(settled, replayed);
    }

    /// <summary>Puts another answer in the place of the one that was kept: what was begun then is done now.</summary>
    internal Task AnswerAnewAsync(Tx tx, KeyedRequest keyed, Answer answer) =>
        Settle(answer, keyed.Hash) is { Answer: { } kept } ? KeptAnswers.KeepAsync(tx, [(keyed, kept)]) : Task.CompletedTask;

    /// <summary>The request's key, or none where it may do without; or what is wrong with it.</summary>
    internal static async Task<(KeyedRequest? Keyed, IResult? Fault)> ReadAsync(HttpContext context, Caller caller, bool isKeyRequired)
    {
        if (!context.Request.Headers.TryGetValue(Header, out var keys))
        {
            return isKeyRequired
                ? (null, Problem.Invalid(new Fault { Parameter = Header, Detail = "Send an Idempotency-Key header of your own making (a UUID, say), so that a repeated request is not done twice." }))
                : (null, null);
        }

        var key = keys.ToString();
        return keys.Count != 1 || key.Length is 0 or > LongestKey || key.Any(c => c is < '!' or > '~')
            ? (null, Problem.Invalid(new Fault { Parameter = Header, Detail = $"Give one key of 1 to {LongestKey} visible ASCII characters." }))
            : (new KeyedRequest(caller.Tenant, key, await HashAsync(context)), null);
    }

    /// <summary>Whether a kept answer was given to this very request.</summary>
    internal static bool IsSame(KeptAnswer kept, KeyedRequest asked) => kept.RequestHash.AsSpan().SequenceEqual(asked.Hash);

    /// <summary>The key belongs to another request.</summary>
    internal static IResult Reused(string key) =>
        Problem.Of(422, "idempotency-key-reused", "Idempotency key reused", $"The key '{key}' was used for another request in the last 24 hours. Use a new key for a new request.");

    /// <summary>A kept answer, for the wire.</summary>
    internal static IResult Result(KeptAnswer answer, bool isReplayed) => new AnswerResult(answer, isReplayed);

    private static async Task<Outcome> UndoRefusal(Tx tx, Func<Tx, Task<Outcome>> work)
    {
        var outcome = await work(tx);
        if (outcome.Refusal is not null)
            tx.Undo();
        return outcome;
    }

    private static IResult Result(Settled written, bool isReplayed = false) =>
        written.Refusal ?? new AnswerResult(written.ShownOnce ?? written.Answer ?? throw new InvalidOperationException("A write ended with neither an answer nor a refusal."), isReplayed);

    private Settled Settle(Outcome outcome, byte[] hash) => outcome.Answer is { } answer
        ? new Settled(KeptOf(answer, answer.Value, hash), ShownOnce: answer.ShownOnce is null ? null : KeptOf(answer, answer.ShownOnce, hash))
        : new Settled(null, outcome.Refusal);

    private KeptAnswer KeptOf(Answer answer, object? body, byte[] hash) =>
        new(hash, answer.Status, answer.Location, body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), json.Value.SerializerOptions));

    // Method, path and body: the same key on another order is a mistake that must not be answered with the first.
    private static async Task<byte[]> HashAsync(HttpContext context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}\n"));
        var body = context.Request.Body;
        if (body.CanSeek)
        {
            body.Position = 0;
            var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
            int read;
            while ((read = await body.ReadAsync(buffer, context.RequestAborted)) > 0)
                hash.AppendData(buffer, 0, read);
            ArrayPool<byte>.Shared.Return(buffer);
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

    private sealed class AnswerResult(KeptAnswer answer, bool isReplayed) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = answer.Status;
            if (isReplayed)
                response.Headers["Idempotent-Replayed"] = "true";
            if (answer.Location is not null)
                response.Headers.Location = answer.Location;
            if (answer.Body.Length == 0)
                return Task.CompletedTask;

            // A refusal that had an effect (a wrong code is counted) is kept with its key and answered as the problem it is.
            response.ContentType = answer.Status < 400 ? "application/json; charset=utf-8" : "application/problem+json; charset=utf-8";
            response.ContentLength = answer.Body.Length;
            return response.Body.WriteAsync(answer.Body, httpContext.RequestAborted).AsTask();
        }
    }

    private readonly record struct Settled(KeptAnswer? Answer, IResult? Refusal = null, KeptAnswer? ShownOnce = null);
}
