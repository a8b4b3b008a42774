using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Fulfilment.Releases;

/// <summary>Yes and no, said on the page of a pick list.</summary>
internal static class ReleasePages
{
    private const int NoteLength = 200;

    public static void MapReleasePages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/picking/list/{id}").ExcludeFromDescription().NeedsScope(Area.Fulfilment);
        pages.MapPost("/acknowledge", Acknowledge);
        pages.MapPost("/decline", Decline);
    }

    // The form has no fields but its token; taking the form is what has the token checked.
    private static async Task<IResult> Acknowledge(FulfilmentId id, Caller caller, Store store, ReleaseDesk desk, IFormCollection form, CancellationToken cancel) =>
        Answered(id, await store.WriteAsync(tx => desk.AcknowledgeAsync(tx, caller.Tenant, id, caller.Name), cancel));

    private static async Task<IResult> Decline(FulfilmentId id, Caller caller, Store store, ReleaseDesk desk, [FromForm] DeclineReason reason, [FromForm] string? note, CancellationToken cancel)
    {
        var said = string.IsNullOrWhiteSpace(note) ? null : note;
        var check = new Check().That(Enum.IsDefined(reason), "#/reason", "Choose one of the list.").Text(said, "#/note", NoteLength, optional: true);
        return check.Failed ? check.Refusal : Answered(id, await store.WriteAsync(tx => desk.DeclineAsync(tx, caller.Tenant, id, reason, said, caller.Name, cancel), cancel));
    }

    // The page itself says how it stands now.
    private static IResult Answered(FulfilmentId id, ReleaseAnswer answer) => answer == ReleaseAnswer.NotFound ? Problem.NotFound("pick list") : Results.Redirect($"/picking/list/{id}");
}
