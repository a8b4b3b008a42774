using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Caravan.Orders;
using Caravan.Platform.Access;
using Caravan.Platform.Live;
using Caravan.Platform.Outbox;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Operations;

/// <summary>The board, the orders and an order's story, for people with a session.</summary>
internal static class OperationsEndpoints
{
    private const int OnBoard = 8;
    private const int OnPage = 40;
    private const int EventsAtOnce = 500;
    private const int QuietTurnsMax = 10;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    public static void MapOperationsPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/operations").ExcludeFromDescription().NeedsScope(Area.Operations);
        pages.MapGet("", Show).Follows();
        pages.MapGet("/board", Part);
        pages.MapGet("/events", Events);
        pages.MapGet("/orders", List);
        pages.MapGet("/orders.csv", File);
        pages.MapGet("/orders/{id}", Story).Follows();
        pages.MapGet("/orders/{id}/story", StoryPart);
        pages.MapGet("/orders/{id}/events", StoryEvents);
        pages.MapGet("/parcels/{id}", OfParcel);
    }

    private static async Task<IResult> Show(Caller caller, BoardReader reader, CancellationToken cancel) => new RazorComponentResult<BoardPage>(new
    {
        Board = await reader.BoardAsync(caller.Tenant, cancel),
        List = await reader.OrdersAsync(caller.Tenant, OrderFilter.All, null, OnBoard, cancel),
        Map = await reader.MapAsync(caller.Tenant, cancel),
    });

    private static async Task<IResult> Part(Caller caller, BoardReader reader, CancellationToken cancel) => new RazorComponentResult<BoardStatus>(new
    {
        Board = await reader.BoardAsync(caller.Tenant, cancel),
        List = await reader.OrdersAsync(caller.Tenant, OrderFilter.All, null, OnBoard, cancel),
    });

    private static async Task<IResult> List(Caller caller, BoardReader reader, CancellationToken cancel, string? show = null, OrderId? before = null) =>
        new RazorComponentResult<OrdersPage>(new
        {
            Company = await reader.CompanyAsync(caller.Tenant, cancel),
            List = await reader.OrdersAsync(caller.Tenant, FilterOf(show), before, OnPage, cancel),
            IsFirst = before is null,
        });

    private static IResult File(Caller caller, BoardReader reader, CancellationToken cancel, string? show = null) =>
        Csv.File("orders.csv", OrderFile.Head, OrderFile.RowsAsync(reader, caller.Tenant, FilterOf(show), cancel));

    private static OrderFilter FilterOf(string? show) => Enum.TryParse<OrderFilter>(show, ignoreCase: true, out var wanted) && Enum.IsDefined(wanted) ? wanted : OrderFilter.All;

    private static async Task<IResult> Story(OrderId id, Caller caller, OrderStoryReader reader, CancellationToken cancel) =>
        await reader.ReadAsync(caller.Tenant, id, cancel) is { } story ? new RazorComponentResult<OrderStoryPage>(new { Story = story }) : Problem.NotFound("order");

    private static async Task<IResult> StoryPart(OrderId id, Caller caller, OrderStoryReader reader, CancellationToken cancel) =>
        await reader.ReadAsync(caller.Tenant, id, cancel) is { } story ? new RazorComponentResult<OrderStoryStatus>(new { Story = story }) : Problem.NotFound("order");

    private static async Task<IResult> StoryEvents(OrderId id, HttpContext context, Caller caller, Store store, OrderDesk desk, LiveEvents live, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.FindAsync(db, caller.Tenant, id), cancel) is not null
            ? LiveEvents.Stream(context, end => live.FollowAsync(caller.Tenant, id.ToString(), LiveEvents.LastId(context), end))
            : Problem.NotFound("order");

    private static async Task<IResult> OfParcel(FulfilmentId id, Caller caller, Store store, OrderDesk desk, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.FulfilmentAsync(db, caller.Tenant, id), cancel) is { } found
            ? Results.Redirect($"/operations/orders/{found.Order.Id}")
            : Problem.NotFound("parcel");

    private static IResult Events(HttpContext context, Caller caller, BoardReader reader, Store store) =>
        LiveEvents.Stream(context, cancel => FollowAsync(caller.Tenant, LiveEvents.LastId(context), reader, store, cancel));

    // A busy company has many events a second; its board is drawn anew at most every two.
    private static async IAsyncEnumerable<SseItem<string>> FollowAsync(PartnerId company, string? lastEventId, BoardReader reader, Store store, [EnumeratorCancellation] CancellationToken cancel)
    {
        var place = long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : await store.ReadAsync(Outbox.NewestAsync, cancel);
        Dictionary<string, MapPoint>? shown = null;
        yield return Item("hello", "", place);
        for (var quiet = 0; !cancel.IsCancellationRequested; quiet++)
        {
            var before = place;
            while (await store.ReadAsync(db => Outbox.ReadAsync(db, company, place, null, EventsAtOnce), cancel) is [.., var newest] news)
            {
                place = newest.Sequence;
                if (news.Count < EventsAtOnce)
                    break;
            }

            if (place != before)
                yield return Item("refresh", "", place);

            // The page came with everybody's place; from then on only those who move are told of.
            var now = (await reader.CouriersAsync(company, cancel)).ToDictionary(point => point.Id);
            foreach (var point in shown is null ? [] : now.Values.Where(point => shown.GetValueOrDefault(point.Id) != point))
            {
                quiet = 0;
                yield return new SseItem<string>(point.ToJson(), "position");
            }

            foreach (var gone in shown is null ? [] : shown.Keys.Except(now.Keys))
                yield return new SseItem<string>($$"""{"id":{{JsonSerializer.Serialize(gone, ProblemJson.Default.String)}}}""", "gone");
            shown = now;
            if (quiet >= QuietTurnsMax)
            {
                quiet = 0;
                yield return Item("beat", "", place);
            }

            await Task.Delay(LookEvery, TimeProvider.System, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static SseItem<string> Item(string type, string data, long place) => new(data, type) { EventId = place.ToString(CultureInfo.InvariantCulture), ReconnectionInterval = LookEvery };
}
