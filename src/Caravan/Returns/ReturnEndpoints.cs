using System.Diagnostics;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Returns;

/// <summary>Returns over HTTP: the seller authorises, sends and cancels; who runs the location receives and grades; both read.</summary>
internal static class ReturnEndpoints
{
    private const int LinesMax = 200;
    private const int QuantityMax = 100_000;
    private const int LongestNote = 500;
    private const int LongestReference = 100;
    private const int LongestLot = 20;

    public static void MapReturnEndpoints(this IEndpointRouteBuilder routes)
    {
        var returns = routes.MapGroup("/v1/returns").WithTags("Returns").NeedsScope(Area.Returns);
        returns.MapGet("", List).WithSummary("Returns that you sold or that come to your locations, newest first; of a state, of an order, or by the customer's code").Produces<Page<ReturnBody>>().ProducesProblem(400);
        returns.MapGet("/{id}", Get).WithSummary("A return: what is to come, what has come, how it was judged, and what is paid back").Produces<ReturnBody>().ProducesProblem(404);
        returns.MapPost("", Authorise).WithSummary("Let a customer send goods back: no more than were delivered").Produces<ReturnBody>(201).ProducesProblem(400).ProducesProblem(409);
        returns.MapPost("/{id}:send", Send).WithSummary("The customer has sent it: it is on its way").Produces<ReturnBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        returns.MapPost("/{id}:receive", Receive).WithSummary("Units have come: on hand, and held until they are graded; without lines, all that is left").Produces<ReturnBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        returns.MapPost("/{id}:grade", Grade).WithSummary("Judge what has come: sell it again, hold it, write it off or give it back; what is paid back is due by it").Produces<ReturnBody>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        returns.MapPost("/{id}:cancel", Cancel).WithSummary("Call it off, as long as nothing has come").Produces<ReturnBody>().ProducesProblem(404).ProducesProblem(409);
    }

    private static async Task<IResult> List(Caller caller, Store store, ReturnDesk desk, TimeProvider clock, CancellationToken cancel, string? state = null, OrderId? order = null, string? code = null, ReturnId? cursor = null, int limit = 50)
    {
        var check = new Check().Range(limit, "?limit", 1, Page<ReturnBody>.Longest).Word<ReturnState>(state, "?state", out var wanted).That(code is null || ReturnCode.Read(code) is not null, "?code", "A code has ten letters and digits.");
        if (check.Failed)
            return check.Refusal;

        var now = clock.GetUtcNow();
        var rows = await store.ReadAsync(db => desk.ListAsync(db, caller.Tenant, new ReturnFilter(wanted, order, code is null ? null : ReturnCode.Read(code)), cursor, limit + 1, now), cancel);
        return TypedResults.Ok(Page<ReturnBody>.Of([.. rows.Select(one => ReturnBody.Of(one, now))], limit, one => one.Id.ToString()));
    }

    private static async Task<IResult> Get(ReturnId id, Caller caller, Store store, ReturnDesk desk, TimeProvider clock, CancellationToken cancel) =>
        await store.ReadAsync(db => desk.FindAsync(db, caller.Tenant, id), cancel) is { } one ? TypedResults.Ok(ReturnBody.Of(one, clock.GetUtcNow())) : Problem.NotFound("return");

    private static async Task<IResult> Authorise(HttpContext context, Caller caller, ReturnRequest body, ReturnDesk desk, IdempotentWrites writes)
    {
        var check = new Check();
        foreach (var (line, at) in Lines(check, body.Lines))
        {
            check.Range(line.Line, $"{at}/line", 1, int.MaxValue).Range(line.Quantity, $"{at}/quantity", 1, QuantityMax).Text(line.Note, $"{at}/note", LongestNote, optional: true)
                .That(line.Reason != ReturnReason.Undelivered, $"{at}/reason", "What could not be delivered comes back by itself: the courier says so.");
            CheckRefund(check, line.Refund, $"{at}/refund");
        }

        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => Answered(await desk.AuthoriseAsync(tx, caller, body), tx.Now, isNew: true));
    }

    private static async Task<IResult> Send(HttpContext context, ReturnId id, Caller caller, SendReturnBody body, ReturnDesk desk, IdempotentWrites writes)
    {
        var check = new Check().Text(body.Reference, "#/reference", LongestReference, optional: true);
        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => Answered(await desk.SendAsync(tx, caller, id, body.Reference), tx.Now));
    }

    private static async Task<IResult> Receive(HttpContext context, ReturnId id, Caller caller, ReceiveReturnBody body, ReturnDesk desk, IdempotentWrites writes)
    {
        var check = new Check().Text(body.Cause, "#/cause", LongestReference);
        foreach (var (line, at) in body.Lines is null || (body.IsLast && body.Lines.Count == 0) ? [] : Lines(check, body.Lines))
        {
            check.Range(line.Line, $"{at}/line", 1, int.MaxValue).Range(line.Quantity, $"{at}/quantity", 1, QuantityMax)
                .That(body.Lines!.Count(other => other?.Line == line.Line) == 1, $"{at}/line", "This line stands in the list twice; add it up."); // Without lines there is none.
            if (line.Lots is { } lots)
                CheckLots(check, lots, $"{at}/lots");
        }

        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => Answered(await desk.ReceiveAsync(tx, caller, id, body.Cause, body.Lines, body.IsLast), tx.Now));
    }

    private static async Task<IResult> Grade(HttpContext context, ReturnId id, Caller caller, GradeReturnBody body, ReturnDesk desk, IdempotentWrites writes)
    {
        var check = new Check().Text(body.Cause, "#/cause", LongestReference);
        foreach (var (line, at) in Lines(check, body.Lines))
        {
            check.Range(line.Line, $"{at}/line", 1, int.MaxValue).Range(line.Quantity, $"{at}/quantity", 1, QuantityMax).Text(line.Note, $"{at}/note", LongestNote, optional: true)
                .That(line.Lot is not { Length: > LongestLot }, $"{at}/lot", $"A lot's code has at most {LongestLot} characters.");
            if (line.Release is { } release)
                check.Text(release.By, $"{at}/release/by", LongestReference).Text(release.Note, $"{at}/release/note", LongestNote);
            CheckRefund(check, line.Refund, $"{at}/refund");
        }

        return check.Failed ? check.Refusal : await writes.RunAsync(context, caller, async tx => Answered(await desk.GradeAsync(tx, caller, id, body.Cause, body.Lines), tx.Now));
    }

    private static Task<IResult> Cancel(HttpContext context, ReturnId id, Caller caller, ReturnDesk desk, IdempotentWrites writes) =>
        writes.RunAsync(context, caller, async tx => Answered(await desk.CancelAsync(tx, caller, id), tx.Now));

    private static IEnumerable<(T Line, string At)> Lines<T>(Check check, List<T>? lines)
        where T : class
    {
        check.List(lines, "#/lines", LinesMax);
        for (var i = 0; i < Math.Min(lines?.Count ?? 0, LinesMax); i++)
        {
            if (lines![i] is { } line) // Counted just above.
                yield return (line, $"#/lines/{i}");
            else
                check.That(false, $"#/lines/{i}", "A line is an object.");
        }
    }

    private static void CheckRefund(Check check, ReturnRefund? refund, string at)
    {
        if (refund is null)
            return;

        check.Range(refund.Percent, $"{at}/percent", 0, 100).Text(refund.Reason, $"{at}/reason", LongestNote, optional: true)
            .That(refund.Percent == 100 || refund.Reason is not null, $"{at}/reason", "Say why not all of it is paid back.");
    }

    private static void CheckLots(Check check, List<ReturnArrivalLot> lots, string at)
    {
        check.List(lots, at, LinesMax);
        HashSet<string> codes = [];
        for (var i = 0; i < Math.Min(lots.Count, LinesMax); i++)
        {
            check.That(lots[i]?.Code is { Length: > 0 and <= LongestLot } code && code.All(letter => letter is > ' ' and < '\x7f'), $"{at}/{i}/code", $"Give the code on the pack: 1 to {LongestLot} characters, no blanks.")
                .Range(lots[i]?.Quantity ?? 0, $"{at}/{i}/quantity", 1, QuantityMax)
                .That(lots[i]?.Code is not { } twice || codes.Add(twice), $"{at}/{i}/code", "This lot stands in the line twice; add it up.");
        }
    }

    private static Outcome Answered(ReturnOutcome outcome, DateTimeOffset now, bool isNew = false) => outcome switch
    {
        ReturnOutcome.Done done => new Answer(isNew ? 201 : 200, ReturnBody.Of(done.Return, now), isNew ? $"/v1/returns/{done.Return.Id}" : null),
        ReturnOutcome.Faulty faulty => Outcome.Refuse(Problem.Invalid(faulty.Faults)),
        ReturnOutcome.Unknown => Outcome.Refuse(Problem.NotFound("return")),
        ReturnOutcome.Refused refused => Outcome.Refuse(ProblemOf(refused)),
        _ => throw new UnreachableException(),
    };

    private static IResult ProblemOf(ReturnOutcome.Refused refused) => refused.Why switch
    {
        ReturnRefusal.MoreThanDelivered => Problem.Of(409, "more-than-delivered", "More than was delivered", refused.Detail, ("line", refused.Line), ("returnable", refused.Left)),
        ReturnRefusal.NoPlace => Problem.Of(409, "no-return-place", "Nowhere to send it", refused.Detail),
        ReturnRefusal.Over => Problem.Of(409, "return-over", "The return is over", refused.Detail),
        ReturnRefusal.Underway => Problem.Of(409, "return-underway", "Some of it has come", refused.Detail),
        ReturnRefusal.MoreThanAuthorised => Problem.Of(409, "more-than-authorised", "More than was authorised", refused.Detail, ("line", refused.Line), ("toCome", refused.Left)),
        ReturnRefusal.NotThatMany => Problem.Of(409, "not-that-many-to-grade", "Not that many to grade", refused.Detail, ("line", refused.Line), ("left", refused.Left)),
        ReturnRefusal.NotRestockable => Problem.Of(409, "not-restockable", "Not to be sold again", refused.Detail, ("line", refused.Line)),
        ReturnRefusal.ReleaseNeeded => Problem.Of(409, "release-needed", "Not sold again by itself", refused.Detail, ("line", refused.Line)),
        ReturnRefusal.NotYours => Problem.Of(409, "other-companys-act", "Another company's to do", refused.Detail),
        _ => throw new UnreachableException(),
    };
}
