using System.Globalization;
using Caravan.Network;
using Caravan.Orders;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Returns;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Operations;

/// <summary>A return, and where it stands now.</summary>
public sealed record ReturnShown(Return Return, ReturnState State, string Location);

/// <summary>An order's line, and how many of its units the customer has.</summary>
public sealed record ReturnableLine(OrderLine Line, int Delivered);

/// <summary>The company's returns: to authorise, to receive and to grade.</summary>
internal static class ReturnPages
{
    private const int OnPage = 50;
    private const int LongestText = 100;
    private const int LongestNote = 500;
    private const string Home = "/operations/returns";

    public static void MapReturnPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Home).ExcludeFromDescription().NeedsScope(Area.Returns);
        pages.MapGet("", List);
        pages.MapGet("/new", ShowNew);
        pages.MapPost("", Authorise);
        pages.MapGet("/{id}", Show);
        pages.MapPost("/{id}/receive", Receive);
        pages.MapPost("/{id}/grade", Grade);
        pages.MapPost("/{id}/cancel", Cancel);
    }

    private static async Task<IResult> List(Caller caller, Store store, PartnerBook partners, NetworkMap map, ReturnDesk desk, TimeProvider clock, CancellationToken cancel, string? state = null, string? code = null, ReturnId? before = null)
    {
        var network = await map.CurrentAsync(cancel);
        var now = clock.GetUtcNow();
        var known = Enum.TryParse<ReturnState>(state, ignoreCase: true, out var wanted) && Enum.IsDefined(wanted) ? wanted : (ReturnState?)null;
        var typed = string.IsNullOrWhiteSpace(code) ? null : ReturnDesk.ReadCode(code) ?? code;
        return await store.ReadAsync<IResult>(async db =>
        {
            var rows = await desk.ListAsync(db, caller.Tenant, new ReturnFilter(known, null, typed), before, OnPage + 1, now);
            return new RazorComponentResult<ReturnsPage>(new
            {
                Company = await partners.FindAsync(db, caller.Tenant),
                Rows = (IReadOnlyList<ReturnShown>)[.. rows.Take(OnPage).Select(one => new ReturnShown(one, one.StateAt(now), network.Find(one.Location)?.Name ?? ""))],
                State = known,
                Code = code,
                Next = rows.Count > OnPage ? rows[OnPage - 1].Id.ToString() : null,
            });
        }, cancel);
    }

    private static Task<IResult> ShowNew(OrderId order, Caller caller, Store store, PartnerBook partners, OrderDesk orders, CancellationToken cancel) => NewAsync(caller, store, partners, orders, order, null, cancel);

    private static async Task<IResult> Authorise(Caller caller, Store store, PartnerBook partners, OrderDesk orders, ReturnDesk desk, IFormCollection form, CancellationToken cancel)
    {
        if (!OrderId.TryParse(form["order"], null, out var order))
            return Problem.NotFound("order");

        var reason = Enum.TryParse<ReturnReason>(form["reason"], out var said) && Enum.IsDefined(said) && said != ReturnReason.Undelivered ? said : (ReturnReason?)null;
        var note = Text(form, "note");
        var wishes = Units(form).Select(line => new ReturnWish(line.Line, line.Units, reason ?? ReturnReason.Other) { Note = note }).ToList();
        var fault = reason is null ? "Choose why it comes back." : wishes.Count == 0 ? "Say how many units of which line come back." : note?.Length > LongestNote ? $"A note has at most {LongestNote} characters." : null;
        if (fault is not null)
            return await NewAsync(caller, store, partners, orders, order, fault, cancel);

        var outcome = await DoAsync(store, tx => desk.AuthoriseAsync(tx, caller, new ReturnRequest(order, wishes)), cancel);
        return outcome is ReturnOutcome.Done done ? Results.Redirect($"{Home}/{done.Return.Id}") : await NewAsync(caller, store, partners, orders, order, FaultOf(outcome), cancel);
    }

    private static Task<IResult> Show(ReturnId id, Caller caller, Store store, PartnerBook partners, NetworkMap map, ReturnDesk desk, TimeProvider clock, CancellationToken cancel) =>
        OneAsync(id, caller, store, partners, map, desk, clock, null, cancel);

    private static async Task<IResult> Receive(ReturnId id, Caller caller, Store store, PartnerBook partners, NetworkMap map, ReturnDesk desk, TimeProvider clock, IFormCollection form, CancellationToken cancel)
    {
        var arrivals = Units(form).Select(line => new ReturnArrival(line.Line, line.Units) { Lots = Text(form, $"lot-{line.Line}") is { } lot ? [new ReturnArrivalLot(lot, line.Units)] : null }).ToList();
        var isLast = form["isLast"] == "true";
        var fault = CauseOf(form) is null ? "The form has no number of its own: load the page again." : arrivals.Count == 0 && !isLast ? "Say how many units have come." : null;
        return await AnsweredAsync(id, caller, store, partners, map, desk, clock, fault, tx => desk.ReceiveAsync(tx, caller, id, CauseOf(form)!, arrivals, isLast), cancel); // Checked just above.
    }

    private static async Task<IResult> Grade(ReturnId id, Caller caller, Store store, PartnerBook partners, NetworkMap map, ReturnDesk desk, TimeProvider clock, IFormCollection form, CancellationToken cancel)
    {
        var (by, ground) = (Text(form, "releasedBy"), Text(form, "releaseNote"));
        var isRead = int.TryParse(form["line"], CultureInfo.InvariantCulture, out var line) & int.TryParse(form["units"], CultureInfo.InvariantCulture, out var units)
            & Enum.TryParse<ReturnGrade>(form["grade"], out var grade) & Enum.TryParse<ReturnDisposition>(form["disposition"], out var disposition);
        var fault = CauseOf(form) is null ? "The form has no number of its own: load the page again."
            : !isRead || units <= 0 || !Enum.IsDefined(grade) || !Enum.IsDefined(disposition) ? "Say how many units, how they are, and what becomes of them."
            : by is null != ground is null || by?.Length > LongestText || ground?.Length > LongestNote ? "Who releases goods says so with their name and their ground."
            : Text(form, "note")?.Length > LongestNote ? $"A note has at most {LongestNote} characters."
            : null;
        var asked = new ReturnGrading(line, units, grade, disposition)
        {
            Lot = form["lot"],
            FromHold = form["fromHold"] == "true",
            Release = by is not null && ground is not null ? new ReturnRelease(by, ground) : null,
            Note = Text(form, "note"),
        };
        return await AnsweredAsync(id, caller, store, partners, map, desk, clock, fault, tx => desk.GradeAsync(tx, caller, id, CauseOf(form)!, [asked]), cancel); // Checked just above.
    }

    private static Task<IResult> Cancel(ReturnId id, Caller caller, Store store, PartnerBook partners, NetworkMap map, ReturnDesk desk, TimeProvider clock, CancellationToken cancel) =>
        AnsweredAsync(id, caller, store, partners, map, desk, clock, null, tx => desk.CancelAsync(tx, caller, id), cancel);

    private static async Task<IResult> AnsweredAsync(ReturnId id, Caller caller, Store store, PartnerBook partners, NetworkMap map, ReturnDesk desk, TimeProvider clock, string? fault, Func<Tx, Task<ReturnOutcome>> act, CancellationToken cancel)
    {
        var outcome = fault is null ? await DoAsync(store, act, cancel) : null;
        return outcome is ReturnOutcome.Done ? Results.Redirect($"{Home}/{id}")
            : outcome is ReturnOutcome.Unknown ? Problem.NotFound("return")
            : await OneAsync(id, caller, store, partners, map, desk, clock, fault ?? FaultOf(outcome!), cancel); // Without a fault it was done.
    }

    private static Task<ReturnOutcome> DoAsync(Store store, Func<Tx, Task<ReturnOutcome>> act, CancellationToken cancel) => store.WriteAsync(async tx =>
    {
        var outcome = await act(tx);
        if (outcome is not ReturnOutcome.Done)
            tx.Undo();
        return outcome;
    }, cancel);

    private static string FaultOf(ReturnOutcome outcome) => outcome switch
    {
        ReturnOutcome.Refused refused => refused.Detail,
        ReturnOutcome.Faulty faulty => string.Join(' ', faulty.Faults.Select(fault => fault.Detail)),
        _ => "There is no such return.",
    };

    private static async Task<IResult> OneAsync(ReturnId id, Caller caller, Store store, PartnerBook partners, NetworkMap map, ReturnDesk desk, TimeProvider clock, string? fault, CancellationToken cancel)
    {
        var network = await map.CurrentAsync(cancel);
        var now = clock.GetUtcNow();
        return await store.ReadAsync<IResult>(async db => await desk.FindAsync(db, caller.Tenant, id) is { } one
            ? new RazorComponentResult<ReturnPage>(new
            {
                Company = await partners.FindAsync(db, caller.Tenant),
                Shown = new ReturnShown(one, one.StateAt(now), network.Find(one.Location)?.Name ?? ""),
                Fault = fault,
                Cause = $"page {Guid.CreateVersion7():n}",
            })
            { StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest }
            : Problem.NotFound("return"), cancel);
    }

    private static Task<IResult> NewAsync(Caller caller, Store store, PartnerBook partners, OrderDesk orders, OrderId id, string? fault, CancellationToken cancel) => store.ReadAsync<IResult>(async db =>
        await orders.FindAsync(db, caller.Tenant, id) is { } order
            ? new RazorComponentResult<ReturnNewPage>(new
            {
                Company = await partners.FindAsync(db, caller.Tenant),
                Order = order,
                Lines = (IReadOnlyList<ReturnableLine>)[.. order.Lines.Select(line => new ReturnableLine(line, order.UnitsOf(line.Line, LineStatus.Delivered)))],
                Fault = fault,
            })
            { StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest }
            : Problem.NotFound("order"), cancel);

    // Fields units-1, units-2 …, one a line; empty ones and zeroes are left out.
    private static IEnumerable<(int Line, int Units)> Units(IFormCollection form)
    {
        const string Field = "units-";
        foreach (var (name, value) in form.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith(Field, StringComparison.Ordinal) && int.TryParse(name[Field.Length..], CultureInfo.InvariantCulture, out var line) && int.TryParse(value, CultureInfo.InvariantCulture, out var units) && line > 0 && units > 0)
                yield return (line, units);
        }
    }

    private static string? Text(IFormCollection form, string name) => form[name].ToString().Trim() is { Length: > 0 } text ? text : null;

    private static string? CauseOf(IFormCollection form) => Text(form, "cause") is { Length: <= LongestText } cause ? cause : null;
}
