using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Caravan.Delivery;
using Caravan.Orders;
using Caravan.Platform.Live;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Storefronts;

/// <summary>The page where a customer follows an order. Whoever has the link may look; the link cannot be guessed.</summary>
internal static class TrackEndpoints
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    public static void MapTrackEndpoints(this IEndpointRouteBuilder routes)
    {
        var track = routes.MapGroup("/track/{token}").AllowAnonymous().ExcludeFromDescription().AddEndpointFilter(Unlisted);
        track.MapGet("", Page).Follows();
        track.MapGet("/status", Status);
        track.MapGet("/events", Events);
        track.MapGet("/couriers", Couriers);
        track.MapPost("/cancel", Cancel);
    }

    // The link is the key: it must not end up in an index, or in another site's log.
    private static ValueTask<object?> Unlisted(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var headers = context.HttpContext.Response.Headers;
        headers["X-Robots-Tag"] = "noindex, nofollow";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        return next(context);
    }

    private static async Task<IResult> Page(string token, TrackReader reader, Platform.Settings settings, CancellationToken cancel, string? late = null) =>
        await reader.ReadAsync(token, cancel) is { } tracking
            ? new RazorComponentResult<TrackPage>(new { Tracking = tracking, settings.IsDemo, IsTooLate = late is not null })
            : Problem.NotFound("order");

    private static async Task<IResult> Status(string token, TrackReader reader, CancellationToken cancel) =>
        await reader.ReadAsync(token, cancel) is { } tracking ? new RazorComponentResult<TrackStatus>(new { Tracking = tracking }) : Problem.NotFound("order");

    private static async Task<IResult> Events(string token, HttpContext context, TrackReader reader, LiveEvents live, CancellationToken cancel) =>
        await reader.OrderAsync(token, cancel) is { } order
            ? LiveEvents.Stream(context, end => live.FollowAsync(order.Seller, order.Id.ToString(), LiveEvents.LastId(context), end))
            : Problem.NotFound("order");

    private static async Task<IResult> Couriers(string token, HttpContext context, TrackReader reader, CancellationToken cancel) =>
        await reader.OrderAsync(token, cancel) is { } order
            ? LiveEvents.Stream(context, end => RideAsync(order, reader, end))
            : Problem.NotFound("order");

    private static async IAsyncEnumerable<SseItem<string>> RideAsync(Order order, TrackReader reader, [EnumeratorCancellation] CancellationToken cancel)
    {
        Dictionary<string, MapPoint> shown = [];
        while (!cancel.IsCancellationRequested)
        {
            var now = (await reader.RidersAsync(order, cancel)).Select(PointOf).ToDictionary(point => point.Id);
            foreach (var point in now.Values.Where(point => shown.GetValueOrDefault(point.Id) != point))
                yield return new SseItem<string>(point.ToJson(), "position");
            foreach (var gone in shown.Keys.Except(now.Keys))
                yield return new SseItem<string>($$"""{"id":{{JsonSerializer.Serialize(gone, ProblemJson.Default.String)}}}""", "gone");
            shown = now;
            await Task.Delay(LookEvery, TimeProvider.System, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A courier as the customer sees it on the map.</summary>
    public static MapPoint PointOf(Job job) => new(
        job.Courier.ToString() ?? "",
        MapKind.Courier,
        job.CourierPoint!.Value.Latitude, // Only of those who ride.
        job.CourierPoint.Value.Longitude,
        $"Courier {job.CourierCode}",
        job.Status == JobStatus.OutForDelivery ? "On the way to you" : "Has your parcel, after other stops",
        Tone.Info,
        null,
        job.IsCourierSimulated);

    private static async Task<IResult> Cancel(string token, HttpContext context, Store store, OrderDesk desk, TrackReader reader)
    {
        if (await reader.OrderAsync(token, context.RequestAborted) is not { } order)
            return Problem.NotFound("order");

        var outcome = await store.WriteAsync(async tx =>
        {
            var done = await desk.CancelAsync(tx, order.Seller, order.Id, null);
            if (done is not CancelOutcome.Cancelled)
                tx.Undo();
            return done;
        }, context.RequestAborted);
        return Results.Redirect(outcome is CancelOutcome.Cancelled ? $"/track/{token}" : $"/track/{token}?late=1");
    }
}
