using Caravan.Delivery;
using Caravan.Tests.Orders;
using Caravan.Tests.Platform;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Tests.Browser;

/// <summary>
/// Every page there is, with something on it. The routes are asked of the server itself: one that is new and stands in neither list below fails
/// the tests, until it is looked at or it is said why not.
/// </summary>
internal sealed class PageList(OrderWorld world, Dictionary<string, string> ids, string tracking, string shadow)
{
    /// <summary>What answers GET and is no page of its own.</summary>
    public static readonly Dictionary<string, string> NoPages = new()
    {
        ["/health/live"] = "for a balancer",
        ["/health/ready"] = "for a balancer",
        ["/openapi/{documentName}.json"] = "for programs",
        ["/.well-known/jwks.json"] = "for programs",
        ["/.well-known/oauth-authorization-server"] = "for programs",
        ["/operations/board"] = "the live part of /operations",
        ["/operations/events"] = "a stream of events",
        ["/operations/orders.csv"] = "a file",
        ["/operations/orders/{id}/story"] = "the live part of the order's page",
        ["/operations/orders/{id}/events"] = "a stream of events",
        ["/operations/parcels/{id}"] = "leads on to its order",
        ["/operations/inbox/list"] = "the live part of the inbox",
        ["/operations/inbox/exceptions.csv"] = "a file",
        ["/operations/network/nodes.csv"] = "a file",
        ["/operations/figures/part"] = "the live part of the page of figures",
        ["/operations/figures/table.csv"] = "a file",
        ["/operations/shadow/{id}.csv"] = "a file",
        ["/operations/rules/{id}/simulation"] = "the live part of the draft's page",
        ["/operations/rules/{id}/simulation.csv"] = "a file",
        ["/courier/couriers.csv"] = "a file",
        ["/picking/{location}/events"] = "a stream of events",
        ["/picking/list/{id}/labels.pdf"] = "a file",
        ["/picking/list/{id}/labels.zpl"] = "a file",
        ["/track/{token}/status"] = "the live part of the tracking page",
        ["/track/{token}/events"] = "a stream of events",
        ["/track/{token}/couriers"] = "a stream of events",
    };

    /// <summary>Pages whose title is also another's, because they are the same page with other things on it.</summary>
    private Dictionary<string, string[]> Pages => new()
    {
        ["/"] = ["/"],
        ["/sign-in"] = ["/sign-in", "/sign-in?failed=1"],
        ["/design"] = ["/design"],
        ["/operations"] = ["/operations"],
        ["/operations/inbox"] = ["/operations/inbox"],
        ["/operations/orders"] = ["/operations/orders"],
        ["/operations/orders/{id}"] = [$"/operations/orders/{ids["ord"]}"],
        ["/operations/figures"] = ["/operations/figures", "/operations/figures?period=today"],
        ["/operations/routes"] = ["/operations/routes"],
        ["/operations/network"] = ["/operations/network"],
        ["/operations/feeds"] = ["/operations/feeds"],
        ["/operations/feeds/connect"] = ["/operations/feeds/connect"],
        ["/operations/feeds/connect/{id}"] = [$"/operations/feeds/connect/{ids["fcn"]}"],
        ["/operations/lots"] = ["/operations/lots"],
        ["/operations/stop-sells"] = ["/operations/stop-sells"],
        ["/operations/returns"] = ["/operations/returns"],
        ["/operations/returns/new"] = [$"/operations/returns/new?order={ids["ord"]}"],
        ["/operations/returns/{id}"] = [$"/operations/returns/{ids["ret"]}"],
        ["/operations/rules"] = ["/operations/rules"],
        ["/operations/rules/{id}"] = [$"/operations/rules/{ids["rul"]}"],
        ["/operations/keys"] = ["/operations/keys"],
        ["/operations/edi"] = ["/operations/edi"],
        ["/operations/edi/{id}"] = [$"/operations/edi/{ids["edi"]}"],
        ["/operations/shadow"] = ["/operations/shadow"],
        ["/operations/shadow/{id}"] = [shadow],
        ["/picking"] = ["/picking"],
        ["/picking/{location}"] = [$"/picking/{ids["loc"]}"],
        ["/picking/list/{id}"] = [$"/picking/list/{ids["ful"]}"],
        ["/station/{location}"] = [$"/station/{world.Nodes["station"].Id}"],
        ["/courier"] = ["/courier"],
        ["/courier/{id}"] = [$"/courier/{ids["cou"]}"],
        ["/shop"] = ["/shop"],
        ["/shop/{slug}"] = ["/shop/chain"],
        ["/shop/{slug}/basket"] = ["/shop/chain/basket"],
        ["/shop/{slug}/place"] = ["/shop/chain/place"],
        ["/shop/{slug}/promises/{id}"] = [$"/shop/chain/promises/{ids["prm"]}"],
        ["/track/{token}"] = [tracking],
    };

    /// <summary>What a shopper's browser has of the shop: a basket, and a place for it.</summary>
    public IReadOnlyList<(string Name, string Value)> Cookies =>
    [
        ("caravan-basket", $"{world.Items[("chain", "tea")].ToString()[4..]}.2"),
        ("caravan-place", FormattableString.Invariant($"{OrderWorld.Customer.Latitude}|{OrderWorld.Customer.Longitude}|bj|Lane")),
    ];

    /// <summary>Whose page it is, where it is not the chain's.</summary>
    public static string KeyOf(OrderWorld world, string path) => path.StartsWith("/station", StringComparison.Ordinal) ? world.Logistics.Key : world.Chain.Key;

    /// <summary>The addresses to look at, and one that leads nowhere.</summary>
    public IReadOnlyList<string> Paths => [.. Pages.Values.SelectMany(paths => paths), "/operations/there-is-no-such-page"];

    public static async Task<PageList> MakeAsync(OrderWorld world)
    {
        foreach (var (sku, node) in new[] { ("tea", "near"), ("milk", "near"), ("tea", "mid"), ("apples", "mid") })
            await world.ReceiveAsync("chain", sku, node, 20);
        var ids = await ContractTests.IdsAsync(world);
        var order = await world.PlaceAsync("W-1001", "withinHour", OrderWorld.Line("tea", 2), OrderWorld.Line("milk", 1));
        var courier = await RidingAsync(world);
        await CountedAsync(world, 3);
        using var visitor = new PageVisitor(world.Caravan);
        await visitor.OpenAsync("/sign-in");
        await visitor.SubmitAsync("/sign-in", ("key", world.Chain.Key));
        await visitor.OpenAsync("/operations/shadow");
        var point = FormattableString.Invariant($"{OrderWorld.Customer.Latitude},{OrderWorld.Customer.Longitude}");
        await visitor.UploadAsync("/operations/shadow", new Dictionary<string, (string, string)>
        {
            ["orders"] = ("orders.csv", $"order,placedAt,sku,quantity,latitude,longitude,from\nS-1,2026-11-20 10:00,tea,2,{point},near\nS-2,2026-11-20 10:05,tea,9,{point},near\n"),
            ["stock"] = ("stock.csv", "location,sku,quantity\nnear,tea,5\nmid,tea,5\n"),
        });
        Assert.Equal(200, visitor.Status);
        ids["cou"] = courier;
        return new PageList(world, ids, order.GetProperty("trackingPath").GetString()!, visitor.Path); // Every order has one.
    }

    /// <summary>Waits until the boards know of so many orders: they hear of them through the outbox.</summary>
    public static async Task CountedAsync(OrderWorld world, int orders)
    {
        var day = FormattableString.Invariant($"{world.Now.ToOffset(TimeSpan.FromHours(8)):yyyy-MM-dd}");
        while (true)
        {
            var figures = (await world.Chain.Http.FetchAsync($"/v1/figures?from={day}&to={day}")).Body;
            if (figures.GetProperty("total").GetProperty("orders").GetInt64() == orders)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestCaravan.Cancel);
        }
    }

    // A courier on the way, so that there is a route to look at; which, is for the dispatcher to say.
    private static async Task<string> RidingAsync(OrderWorld world)
    {
        while (true)
        {
            await world.Caravan.Services.GetRequiredService<Dispatcher>().DispatchOnceAsync(TestCaravan.Cancel);
            var jobs = (await world.Chain.Http.FetchAsync("/v1/jobs")).Body.GetProperty("items").EnumerateArray();
            if (jobs.FirstOrDefault(job => job.TryGetProperty("courier", out _)) is { ValueKind: System.Text.Json.JsonValueKind.Object } given)
                return given.GetProperty("courier").GetProperty("id").GetString()!; // Every courier has one.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestCaravan.Cancel);
        }
    }

    /// <summary>Routes that are in neither list, and those of the lists that there are no more.</summary>
    public IEnumerable<string> Forgotten()
    {
        var routes = world.Caravan.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription == true)
            .Select(endpoint => $"/{endpoint.RoutePattern.RawText?.Trim('/')}").ToHashSet();
        return routes.Except(Pages.Keys).Except(NoPages.Keys).Select(route => $"{route} is in no list: look at it, or say why not.")
            .Concat(Pages.Keys.Concat(NoPages.Keys).Except(routes).Select(route => $"{route} is no more."));
    }
}
