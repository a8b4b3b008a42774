using System.Globalization;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Delivery;

/// <summary>The courier's screen: a list, a route, and forms that end where they began.</summary>
internal static class CourierPages
{
    private const int LongestText = 200;

    public static void MapCourierPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/courier").ExcludeFromDescription().NeedsScope(Area.Delivery);
        pages.MapGet("", Couriers);
        pages.MapGet("/couriers.csv", File);
        pages.MapGet("/{id}", Route);
        pages.MapPost("/{id}/duty", SetDuty);
        pages.MapPost("/{id}/jobs/{job}/act", Act);
    }

    private static Task<IResult> Couriers(Caller caller, Store store, DeliveryDesk desk, PartnerBook partners, CancellationToken cancel) =>
        store.ReadAsync<IResult>(async db =>
        {
            var company = await partners.FindAsync(db, caller.Tenant);
            return new RazorComponentResult<CourierListPage>(new Dictionary<string, object?>
            {
                [nameof(CourierListPage.Couriers)] = await desk.CouriersAsync(db, caller.Tenant),
                [nameof(CourierListPage.Company)] = company?.Name,
                [nameof(CourierListPage.IsDemo)] = company?.IsDemo ?? false,
            });
        }, cancel);

    private static async Task<IResult> File(Caller caller, Store store, DeliveryDesk desk, CancellationToken cancel) => Csv.File(
        "couriers.csv",
        ["code", "id", "rides", "region", "isOnDuty", "isSimulated", "shiftStart", "shiftEnd", "timeZone", "capacityGrams"],
        (await store.ReadAsync(db => desk.CouriersAsync(db, caller.Tenant), cancel)).Select(courier => (IReadOnlyList<object?>)
        [
            courier.Code, courier.Id, courier.Vehicle, courier.Region, courier.IsOnDuty ? "yes" : "no", courier.IsSimulated ? "yes" : "no",
            courier.ShiftStart.ToString("HH:mm", CultureInfo.InvariantCulture), courier.ShiftEnd.ToString("HH:mm", CultureInfo.InvariantCulture), courier.TimeZone, courier.CapacityGrams,
        ]));

    private static Task<IResult> Route(CourierId id, Caller caller, Store store, DeliveryDesk desk, PartnerBook partners, CancellationToken cancel, string? said = null) =>
        store.ReadAsync<IResult>(async db =>
        {
            if (await CourierStore.FindAsync(db, caller.Tenant, id) is not { } courier)
                return Problem.NotFound("courier");

            var company = await partners.FindAsync(db, caller.Tenant);
            return new RazorComponentResult<CourierPage>(new Dictionary<string, object?>
            {
                [nameof(CourierPage.Rider)] = courier,
                [nameof(CourierPage.Route)] = await desk.RouteAsync(db, caller.Tenant, id),
                [nameof(CourierPage.Company)] = company?.Name,
                [nameof(CourierPage.IsDemo)] = company?.IsDemo ?? false,
                [nameof(CourierPage.Said)] = said,
            });
        }, cancel);

    private static async Task<IResult> SetDuty(CourierId id, Caller caller, Store store, DeliveryDesk desk, [FromForm] bool isOnDuty, CancellationToken cancel) =>
        await store.WriteAsync(tx => desk.SetDutyAsync(tx, caller.Tenant, id, isOnDuty), cancel)
            ? Back(id, isOnDuty ? "on-duty" : "off-duty")
            : Problem.NotFound("courier");

    private static async Task<IResult> Act(CourierId id, JobId job, Caller caller, Store store, DeliveryDesk desk, [FromForm] string act, [FromForm] string? code, [FromForm] string? reason, CancellationToken cancel)
    {
        if (code?.Length > LongestText || reason?.Length > LongestText)
            return Back(id, "empty");

        CourierAct? wanted = act switch
        {
            "accept" => new CourierAct.Accept(),
            "decline" => new CourierAct.Decline(),
            "collect" => new CourierAct.Collect(),
            "deliver" when !string.IsNullOrWhiteSpace(code) => new CourierAct.Deliver(code.Trim(), null),
            "fail" when !string.IsNullOrWhiteSpace(reason) => new CourierAct.Fail(reason.Trim()),
            "return" => new CourierAct.Return(),
            _ => null,
        };
        if (wanted is null)
            return Back(id, "empty");

        // A refusal writes nothing, or a counted wrong code, which must be kept: either way the transaction stands.
        return await store.WriteAsync(tx => desk.ActAsync(tx, caller.Tenant, id, job, wanted), cancel) switch
        {
            ActOutcome.Done => Back(id, act),
            ActOutcome.Refused refused => Back(id, refused.Why.ToString()),
            _ => Back(id, "gone"),
        };
    }

    private static RedirectHttpResult Back(CourierId id, string said) => TypedResults.Redirect($"/courier/{id}?said={said}");
}
