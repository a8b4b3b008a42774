using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Caravan.Platform.Storage;

namespace Caravan.Platform.Live;

/// <summary>
/// Server-sent events out of the outbox, for pages that stay true while one looks at them. An event's id is its outbox
/// sequence, so a browser that comes back with Last-Event-ID, after a lost line or a restart, misses nothing.
/// </summary>
public sealed class LiveEvents(Store store, Outbox.Outbox outbox)
{
    private const int BatchLength = 200;
    internal static readonly object PlaceKey = new();
    private static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Tells of each batch of new events on a partner's rows (of one subject only, when named) as one <c>refresh</c>,
    /// whose data is the last event's type. <paramref name="lastEventId"/> is what the browser sent; without it the stream begins now.
    /// </summary>
    public async IAsyncEnumerable<SseItem<string>> FollowAsync(PartnerId tenant, string? subject, string? lastEventId, [EnumeratorCancellation] CancellationToken cancel)
    {
        var place = long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? last
            : await store.ReadAsync(Outbox.Outbox.NewestAsync, cancel);
        yield return Item("hello", "", place);
        while (!cancel.IsCancellationRequested)
        {
            var changed = outbox.Changed;
            var events = await store.ReadAsync(db => Outbox.Outbox.ReadAsync(db, tenant, place, subject, BatchLength), cancel);
            if (events.Count > 0)
            {
                place = events[^1].Sequence;
                yield return Item("refresh", events[^1].Type, place);
                continue;
            }

            if (await Task.WhenAny(changed, Task.Delay(HeartBeat, TimeProvider.System, cancel)) != changed && !cancel.IsCancellationRequested)
                yield return Item("beat", "", place);
        }
    }

    /// <summary>Where a browser that comes back stopped listening: its own header, or what our island appends to the address.</summary>
    public static string? LastId(HttpContext context) =>
        context.Request.Headers.TryGetValue("Last-Event-ID", out var header) ? header.ToString() : context.Request.Query["lastEventId"];

    /// <summary>Where the regions of a page begin to follow; null on a page that has none.</summary>
    public static long? PlaceOf(HttpContext? page) => page?.Items[PlaceKey] as long?;

    /// <summary>A stream as an answer, passed on at once also by a proxy that would rather collect.</summary>
    public static IResult Stream(HttpContext context, Func<CancellationToken, IAsyncEnumerable<SseItem<string>>> follow)
    {
        context.Response.Headers["X-Accel-Buffering"] = "no";
        return TypedResults.ServerSentEvents(UntilStopAsync(context, follow));
    }

    // A server that stops ends its streams; browsers come back to whoever serves then, and miss nothing.
    private static async IAsyncEnumerable<SseItem<string>> UntilStopAsync(HttpContext context, Func<CancellationToken, IAsyncEnumerable<SseItem<string>>> follow)
    {
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        await using var items = follow(end.Token).GetAsyncEnumerator(end.Token);
        while (await HasNextAsync())
            yield return items.Current;

        async Task<bool> HasNextAsync()
        {
            try
            {
                return await items.MoveNextAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    private static SseItem<string> Item(string type, string data, long place) =>
        new(data, type) { EventId = place.ToString(CultureInfo.InvariantCulture), ReconnectionInterval = TimeSpan.FromSeconds(2) };
}

/// <summary>Said where a page is mapped.</summary>
public static class LivePages
{
    /// <summary>The page has regions that follow a stream: they follow from before the page was read, so that nothing is missed until they listen.</summary>
    public static RouteHandlerBuilder Follows(this RouteHandlerBuilder page) => page.AddEndpointFilter(async (context, next) =>
    {
        var http = context.HttpContext;
        http.Items[LiveEvents.PlaceKey] = await http.RequestServices.GetRequiredService<Store>().ReadAsync(Outbox.Outbox.NewestAsync, http.RequestAborted);
        return await next(context);
    });
}
