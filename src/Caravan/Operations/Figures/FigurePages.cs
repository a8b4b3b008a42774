using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Live;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Operations.Figures;

/// <summary>The page of figures, its live part, and its tables as files.</summary>
internal static class FigurePages
{
    public static void MapFigurePages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/operations/figures").ExcludeFromDescription().NeedsScope(Area.Operations);
        pages.MapGet("", Show).Follows();
        pages.MapGet("/part", Part);
        pages.MapGet("/table.csv", Table);
    }

    private static async Task<IResult> Show(Caller caller, FigureShow show, CancellationToken cancel, string? period = null, string? region = null, string? node = null) =>
        await show.ReadAsync(caller.Tenant, period, region, node, cancel) is { } shown ? new RazorComponentResult<FiguresPage>(new { Shown = shown }) : Problem.NotFound("region or node");

    private static async Task<IResult> Part(Caller caller, FigureShow show, CancellationToken cancel, string? period = null, string? region = null, string? node = null) =>
        await show.ReadAsync(caller.Tenant, period, region, node, cancel) is { } shown ? new RazorComponentResult<FiguresStatus>(new { Shown = shown }) : Problem.NotFound("region or node");

    private static async Task<IResult> Table(Caller caller, FigureShow show, CancellationToken cancel, string? table = null, string? period = null, string? region = null, string? node = null)
    {
        if (await show.ReadAsync(caller.Tenant, period, region, node, cancel) is not { } shown)
            return Problem.NotFound("region or node");

        var states = Enum.GetValues<LineStatus>();
        return table switch
        {
            null or "orders" => Csv.File("orders-by-state.csv", ["day", "hour", "orders", .. states.Select(state => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(state.ToString()))],
                shown.Answer.Points.Select(point => (IReadOnlyList<object?>)[point.Day, point.Hour, point.Counts.Orders, .. states.Select(state => (object?)point.Counts.In(state))])),
            "promise" => Csv.File("promise-and-splits.csv", ["day", "hour", "arrivedAsPromised", "arrivedLateOrNot", "promiseKeptPercent", "served", "split", "splitPercent"],
                shown.Answer.Points.Select(point => (IReadOnlyList<object?>)[point.Day, point.Hour, point.Counts.Kept, point.Counts.Broken, point.Counts.KeptPercent, point.Counts.Served, point.Counts.Split, point.Counts.SplitPercent])),
            "distance" => Csv.File("distance.csv", ["day", "hour", "parts", "kilometresMean", "kilometresP90"],
                shown.Answer.Points.Select(point => (IReadOnlyList<object?>)[point.Day, point.Hour, point.Counts.Parts, point.Counts.MeanKilometres, point.P90Kilometres])),
            "nodes" => Csv.File("turnover-by-node.csv", ["code", "node", "orders", "units", "amounts", "kilometresMean", "promiseKeptPercent", "ownUnitsOut", "ownOnHandMean", "turnover"],
                shown.Nodes.Select(row => (IReadOnlyList<object?>)[row.Code, row.Name, row.Counts.Orders, row.Counts.Units, string.Join(' ', row.Amounts.Select(money => $"{Money.Plain(money.Amount, money.Currency)} {money.Currency}")), row.Counts.MeanKilometres, row.Counts.KeptPercent, row.UnitsOut, row.OnHand, row.Turnover])),
            "feeds" => Csv.File("feeds.csv", ["feed", "name", "state", "isFresh", "trueAt", "freshUntil", "ageMinutes", "cells", "rejectedLines"],
                shown.Feeds.Select(feed => (IReadOnlyList<object?>)[feed.Id, feed.Name, feed.State, feed.IsFresh, feed.LastAsOf, feed.FreshUntil, (shown.Now - feed.LastAsOf)?.TotalMinutes, feed.Cells, feed.RejectedLines])),
            _ => Problem.Invalid(new Fault { Parameter = "table", Detail = "Give one of orders, promise, distance, nodes, feeds." }),
        };
    }
}

/// <summary>Reads what the page of figures shows.</summary>
internal sealed class FigureShow(Store store, FigureReader reader, BoardReader board, PartnerBook partners, OrderBoard orders, NetworkMap map, TimeProvider clock)
{
    /// <summary>Null when there is no such region or node in sight of the company.</summary>
    public async Task<FiguresShown?> ReadAsync(PartnerId company, string? period, string? region, string? node, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var chosen = Enum.TryParse<FigurePeriod>(period, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known : FigurePeriod.Week;
        var today = await reader.TodayAsync(company, cancel);
        var network = await map.CurrentAsync(cancel);
        LocationId? location = LocationId.TryParse(node, null, out var one) ? one : null;
        return await store.ReadAsync(async db =>
        {
            var seen = await board.SeenNodesAsync(db, company, network, now);
            var regions = seen.Select(place => place.Region).Distinct().Select(code => (code, network.Regions.FirstOrDefault(there => there.Code == code)?.Name ?? code)).OrderBy(there => there.Item2, StringComparer.Ordinal).ToList();
            if ((!string.IsNullOrEmpty(node) && !seen.Any(place => place.Id == location)) || (!string.IsNullOrEmpty(region) && !regions.Exists(there => there.code == region)))
                return null;

            var days = chosen switch { FigurePeriod.Today => 1, FigurePeriod.Week => 7, FigurePeriod.Month => 30, _ => 90 };
            var question = new FigureQuestion(today.AddDays(1 - days), today, location is null && !string.IsNullOrEmpty(region) ? region : null, location);
            return new FiguresShown(
                (await partners.FindAsync(db, company))!, // A session's company is never deleted.
                chosen,
                await FigureReader.AnswerAsync(db, company, question),
                await reader.NodesAsync(db, company, question, cancel),
                await reader.FeedsAsync(db, company),
                (await orders.TallyAsync(db, company, now, now)).Late,
                regions,
                [.. seen.OrderBy(place => place.Name, StringComparer.Ordinal).Select(place => (place.Id, place.Name))],
                now);
        }, cancel);
    }
}
