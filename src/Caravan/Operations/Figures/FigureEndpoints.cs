using System.Text.Json;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Operations.Figures;

/// <summary>The boards' figures over HTTP.</summary>
internal static class FigureEndpoints
{
    private const int DaysOtherwise = 30;

    public static void MapFigureEndpoints(this IEndpointRouteBuilder routes)
    {
        var figures = routes.MapGroup("/v1/figures").WithTags("Figures").NeedsScope(Area.Operations);
        figures.MapGet("", Read).WithSummary("Orders by state, promise kept, split rate and distance, day by day (a single day hour by hour), of all nodes, a region or a node").Produces<FiguresBody>().ProducesProblem(400);
        figures.MapGet("/nodes", Nodes).WithSummary("What each node gave in those days, those that gave most first, and how often its stock turned over").Produces<Page<NodeFigureBody>>().ProducesProblem(400);
    }

    /// <summary>The days asked for, or what is wrong with them. Left out, they are the last thirty.</summary>
    public static async Task<(FigureQuestion Question, Check Check)> QuestionAsync(PartnerId company, FigureReader reader, NetworkMap map, DateOnly? from, DateOnly? to, string? region, LocationId? location, CancellationToken cancel)
    {
        var last = to ?? await reader.TodayAsync(company, cancel);
        var first = from ?? last.AddDays(1 - Math.Min(DaysOtherwise, last.DayNumber + 1));
        var network = await map.CurrentAsync(cancel);
        var check = new Check()
            .That(last.Year is > 2000 and < 9999, "to", "Give a day after the year 2000.")
            .That(first <= last, "from", $"The first day is not after the last, which is {last:O}.")
            .That(last.DayNumber - first.DayNumber < FigureReader.DaysMax, "from", $"At most {FigureReader.DaysMax} days at once: ask for some, then for the others.")
            .That(region is null || network.Locations.Any(node => node.Region == region), "region", "There is no such region: give the code of one, as GET /v1/locations has it.")
            .That(location is null || network.Find(location.Value) is not null, "location", "There is no such location: give its id, as GET /v1/locations has it.")
            .That(region is null || location is null, "region", "Give a region or a location, not both.");
        return (new FigureQuestion(first, last, string.IsNullOrEmpty(region) ? null : region, location), check);
    }

    private static async Task<IResult> Read(Caller caller, Store store, FigureReader reader, NetworkMap map, CancellationToken cancel, DateOnly? from = null, DateOnly? to = null, string? region = null, LocationId? location = null)
    {
        var (question, check) = await QuestionAsync(caller.Tenant, reader, map, from, to, region, location, cancel);
        if (check.Failed)
            return Refusal(check);

        var answer = await store.ReadAsync(db => FigureReader.AnswerAsync(db, caller.Tenant, question), cancel);
        return TypedResults.Ok(new FiguresBody(question.From, question.To, question.Region, question.Location, FigurePointBody.Of(answer.Total), [.. answer.Points.Select(FigurePointBody.Of)]));
    }

    private static async Task<IResult> Nodes(Caller caller, Store store, FigureReader reader, NetworkMap map, CancellationToken cancel, DateOnly? from = null, DateOnly? to = null, string? region = null, LocationId? location = null)
    {
        var (question, check) = await QuestionAsync(caller.Tenant, reader, map, from, to, region, location, cancel);
        if (check.Failed)
            return Refusal(check);

        var nodes = await store.ReadAsync(db => reader.NodesAsync(db, caller.Tenant, question, cancel), cancel);
        return TypedResults.Ok(new Page<NodeFigureBody>([.. nodes.Select(NodeFigureBody.Of)], null));
    }

    // These are parameters, not fields of a body.
    private static IResult Refusal(Check check) => Problem.Invalid([.. check.Faults.Select(fault => new Fault { Parameter = fault.Pointer, Detail = fault.Detail })]);
}

/// <summary>Figures as they are answered.</summary>
internal sealed record FiguresBody(DateOnly From, DateOnly To, string? Region, LocationId? Location, FigurePointBody Total, IReadOnlyList<FigurePointBody> Points);

/// <summary>A day or an hour as it is answered. The total has the last day's date.</summary>
internal sealed record FigurePointBody(
    DateOnly Day,
    int? Hour,
    long Orders,
    long Served,
    long Split,
    double? SplitPercent,
    long Kept,
    long Broken,
    double? KeptPercent,
    long Parts,
    double? KilometresMean,
    double? KilometresP90,
    long Units,
    IReadOnlyList<Platform.Money> Amounts,
    IReadOnlyDictionary<string, long> States)
{
    public static FigurePointBody Of(FigurePoint point) => new(
        DateOnly.ParseExact(point.Day, "O", System.Globalization.CultureInfo.InvariantCulture), point.Hour, point.Counts.Orders, point.Counts.Served, point.Counts.Split, Rounded(point.Counts.SplitPercent),
        point.Counts.Kept, point.Counts.Broken, Rounded(point.Counts.KeptPercent), point.Counts.Parts, Rounded(point.Counts.MeanKilometres), point.P90Kilometres, point.Counts.Units, point.Amounts,
        Enum.GetValues<LineStatus>().ToDictionary(status => JsonNamingPolicy.CamelCase.ConvertName(status.ToString()), status => point.Counts.In(status)));

    internal static double? Rounded(double? number) => number is { } there ? Math.Round(there, 2) : null;
}

/// <summary>A node's figures as they are answered.</summary>
internal sealed record NodeFigureBody(LocationId Location, string Code, string Name, long Orders, long Units, IReadOnlyList<Platform.Money> Amounts, double? KilometresMean, double? KeptPercent, long OwnUnitsOut, double? OwnOnHandMean, double? OwnTurnover)
{
    public static NodeFigureBody Of(NodeFigure node) => new(
        node.Location, node.Code, node.Name, node.Counts.Orders, node.Counts.Units, node.Amounts, FigurePointBody.Rounded(node.Counts.MeanKilometres), FigurePointBody.Rounded(node.Counts.KeptPercent),
        node.UnitsOut, FigurePointBody.Rounded(node.OnHand), node.Turnover is { } turns ? Math.Round(turns, 4) : null);
}
