using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Live;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Operations.Inbox;

/// <summary>What an inbox shows.</summary>
/// <param name="Open">What waits, the most urgent first.</param>
/// <param name="Solved">What was solved last.</param>
/// <param name="Figures">How many, and how long solving takes.</param>
/// <param name="Now">When it was read.</param>
public sealed record InboxShown(IReadOnlyList<InboxEntry> Open, IReadOnlyList<InboxEntry> Solved, InboxFigures Figures, DateTimeOffset Now);

/// <summary>The inbox, for people with a session.</summary>
internal static class InboxPages
{
    public static void MapInboxPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/operations/inbox").ExcludeFromDescription().NeedsScope(Area.Operations);
        pages.MapGet("", Show).Follows();
        pages.MapGet("/list", Part);
        pages.MapGet("/exceptions.csv", File);
        pages.MapPost("/{id}", Do);
    }

    private static Task<IResult> Show(Caller caller, InboxReader reader, CancellationToken cancel) => reader.PageAsync(caller, null, cancel);

    private static async Task<IResult> Part(Caller caller, InboxReader reader, CancellationToken cancel) =>
        new RazorComponentResult<InboxList>(new { Shown = await reader.ReadAsync(caller.Tenant, cancel) });

    private static async Task<IResult> File(Caller caller, InboxReader reader, CancellationToken cancel)
    {
        var shown = await reader.ReadAsync(caller.Tenant, cancel);
        return Csv.File("exceptions.csv", ["what", "kind", "detail", "units", "atStake", "currency", "since", "dueAt", "takenBy", "solvedBy", "solvedAt"], shown.Open.Concat(shown.Solved).Select(entry => (IReadOnlyList<object?>)
        [
            entry.What, InboxWords.Said(entry.Kind), entry.Detail, entry.Units, entry.Cost is { } cost ? Money.Plain(cost.Amount, cost.Currency) : null, entry.Cost?.Currency, entry.OpenedAt, entry.DueAt, entry.TakenBy, entry.SolvedBy, entry.SolvedAt,
        ]));
    }

    private static async Task<IResult> Do(ExceptionId id, Caller caller, InboxDesk desk, InboxReader reader, [FromForm] ExceptionAct act, CancellationToken cancel)
    {
        var done = Enum.IsDefined(act) ? await desk.DoAsync(caller, id, act, cancel) : new ActDone(null, null);
        return done switch
        {
            { Entry: null } => Problem.NotFound("exception"),
            { Why: { } why } => await reader.PageAsync(caller, why, cancel),
            _ => Results.Redirect("/operations/inbox"),
        };
    }
}

/// <summary>Reads the inbox's page, after a look at how things are now.</summary>
internal sealed class InboxReader(Store store, InboxKeeper keeper, InboxDesk desk, PartnerBook partners, TimeProvider clock)
{
    public async Task<InboxShown> ReadAsync(PartnerId company, CancellationToken cancel)
    {
        await keeper.LookAsync(company, cancel);
        return await store.ReadAsync(async db => new InboxShown(await InboxDesk.OpenAsync(db, company), await desk.SolvedAsync(db, company), await desk.FiguresAsync(db, company), clock.GetUtcNow()), cancel);
    }

    public async Task<IResult> PageAsync(Caller caller, string? refusal, CancellationToken cancel)
    {
        var shown = await ReadAsync(caller.Tenant, cancel);
        var company = await store.ReadAsync(db => partners.FindAsync(db, caller.Tenant), cancel);
        return new RazorComponentResult<InboxPage>(new { Company = company, Shown = shown, Refusal = refusal }) { StatusCode = refusal is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict };
    }
}
