using System.Globalization;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Authorization;

namespace Caravan.Platform.Access.Limits;

/// <summary>
/// Holds each company to its rate: what its plan says, else what the operator lets everybody (<c>--rate-limit</c>), which is no limit
/// unless it is set. Each server counts for itself, in memory: so much for as many companies as it remembers, and nothing is written.
/// The headers are those of the IETF's draft on RateLimit header fields.
/// </summary>
public sealed class RateLimits
{
    internal const string Topic = "rates";

    private const int CompaniesMax = 200_000;
    private const int BurstSeconds = 2;

    // As keys: where nobody tells of a change, it holds after so long.
    private const long RememberedMilliseconds = 5_000;

    private readonly Store store;
    private readonly TimeProvider clock;
    private readonly Rate everybody;
    private readonly Recent<PartnerId, Plan> plans = new(CompaniesMax, _ => 1);
    private readonly Recent<PartnerId, Bucket> buckets = new(CompaniesMax, _ => 1);

    /// <summary>The most that a second can be asked for.</summary>
    public const int PerSecondMax = 1_000_000;

    internal RateLimits(Store store, Settings settings, TimeProvider clock)
    {
        (this.store, this.clock) = (store, clock);
        everybody = Rate.Of(settings.RateLimit, settings.RateLimit * BurstSeconds);
        store.Caches["rates"] = () => plans.State;
        store.Listen(Topic, change =>
        {
            if (change.Tenant == default)
                plans.Clear();
            else
                plans.Forget(change.Tenant);
        });
    }

    /// <summary>Lets a company send so many requests a second from now on, twice as many at once; 0: as many as it likes; null: what everybody may.</summary>
    public static async Task SetAsync(Tx tx, PartnerId tenant, int? perSecond)
    {
        if (perSecond is { } rate)
        {
            await tx.ExecuteAsync(
                "INSERT INTO rate_plans (tenant, per_second, burst) VALUES (@tenant, @rate, @burst) ON CONFLICT (tenant) DO UPDATE SET per_second = excluded.per_second, burst = excluded.burst",
                new { tenant, rate, burst = rate * BurstSeconds });
        }
        else
        {
            await tx.ExecuteAsync("DELETE FROM rate_plans WHERE tenant = @tenant", new { tenant });
        }

        tx.Announce(Topic, tenant);
    }

    internal async Task HoldAsync(HttpContext context, RequestDelegate next)
    {
        // What is open to all (a page's pictures and scripts among it) counts against nobody.
        if (context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null || Caller.TryOf(context)?.Tenant is not { } tenant || await RateOfAsync(tenant, context.RequestAborted) is not { IsNone: false } rate)
        {
            await next(context);
            return;
        }

        if (buckets.Find(tenant) is not { } bucket)
            buckets.Keep(tenant, bucket = new Bucket(), Turn.Next());
        var taken = bucket.Take(clock.GetUtcNow(), rate);
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = $"\"company\";q={rate.Burst};w={rate.WindowSeconds}";
        headers["RateLimit"] = $"\"company\";r={taken.Left};t={Seconds(taken.FullIn)}";
        if (taken.IsTaken)
            await next(context);
        else
            await RefuseAsync(context, taken.Wait, string.Create(CultureInfo.InvariantCulture, $"Your company may send {1 / rate.Every.TotalSeconds:0.##} requests a second, and {rate.Burst} at once after a rest."));
    }

    /// <summary>429, and when to come again.</summary>
    internal static Task RefuseAsync(HttpContext context, TimeSpan wait, string why)
    {
        context.Response.Headers.RetryAfter = $"{Seconds(wait)}";
        return Problem.Of(429, "too-many-requests", "Too many requests", $"{why} Come again after {Seconds(wait)} s.").ExecuteAsync(context);
    }

    private static long Seconds(TimeSpan time) => Math.Max(1, (long)Math.Ceiling(time.TotalSeconds));

    private async ValueTask<Rate> RateOfAsync(PartnerId tenant, CancellationToken cancel)
    {
        if (plans.Find(tenant) is not { } plan || Environment.TickCount64 - plan.ReadAt > RememberedMilliseconds)
        {
            var readAt = Turn.Next();
            var row = await store.ReadAsync(db => db.FirstAsync<PlanRow>("SELECT per_second, burst FROM rate_plans WHERE tenant = @tenant", new { tenant }), cancel);
            plans.Keep(tenant, plan = new Plan(row is null ? everybody : Rate.Of(row.PerSecond, row.Burst), Environment.TickCount64), readAt);
        }

        return plan.Rate;
    }

    private sealed record Plan(Rate Rate, long ReadAt);

    private sealed record PlanRow
    {
        public int PerSecond { get; init; }
        public int Burst { get; init; }
    }
}
