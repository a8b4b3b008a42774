using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Shadow;

/// <summary>Reports that were made lately, in memory: a shadow run leaves nothing behind.</summary>
internal sealed class ShadowReports(TimeProvider clock)
{
    private const int ReportsMax = 8;
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(PartnerId Tenant, string Id), (ShadowReport Report, DateTimeOffset Until)> reports = new();

    /// <summary>One after the other: a run takes a core.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    public string Keep(PartnerId tenant, ShadowReport report)
    {
        foreach (var old in reports.OrderBy(one => one.Value.Until).SkipLast(ReportsMax - 1).Concat(reports.Where(one => one.Value.Until < clock.GetUtcNow())).ToList())
            reports.TryRemove(old);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        reports[(tenant, id)] = (report, clock.GetUtcNow() + KeptFor);
        return id;
    }

    public ShadowReport? Find(PartnerId tenant, string id) => reports.TryGetValue((tenant, id), out var kept) && kept.Until >= clock.GetUtcNow() ? kept.Report : null;
}

/// <summary>A day's files, decided once more.</summary>
internal static class ShadowPages
{
    public static void MapShadowPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/operations/shadow").ExcludeFromDescription().NeedsScope(Area.Orders);
        pages.MapGet("", Show);
        pages.MapPost("", Run);
        pages.MapGet("/{id}.csv", Download);
        pages.MapGet("/{id}", ShowReport);
    }

    private static Task<IResult> Show(Caller caller, Store store, PartnerBook partners, CancellationToken cancel) => PageAsync(caller, store, partners, null, "", null, cancel);

    private static async Task<IResult> ShowReport(string id, Caller caller, Store store, PartnerBook partners, ShadowReports reports, CancellationToken cancel) =>
        reports.Find(caller.Tenant, id) is { } report ? await PageAsync(caller, store, partners, report, id, null, cancel) : Problem.NotFound("shadow report");

    private static IResult Download(string id, Caller caller, ShadowReports reports)
    {
        if (reports.Find(caller.Tenant, id) is not { } report)
            return Problem.NotFound("shadow report");

        using var text = new StringWriter();
        ShadowCsv.Write(report, text);
        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", "shadow.csv");
    }

    private static async Task<IResult> Run(
        Caller caller,
        Store store,
        PartnerBook partners,
        NetworkMap map,
        ShadowReports reports,
        TimeProvider clock,
        IFormFile? orders,
        IFormFile? stock,
        IFormFile? locations,
        IFormFile? places,
        [FromForm] string? zone,
        [FromForm] decimal? parcelCost,
        [FromForm] decimal? kilometreCost,
        [FromForm] string? service,
        CancellationToken cancel)
    {
        if (FaultOf(orders, stock, zone, parcelCost, kilometreCost) is { } fault)
            return await PageAsync(caller, store, partners, null, "", fault, cancel);

        await reports.Turn.WaitAsync(cancel);
        try
        {
            var rules = ShadowRules.Default with { ParcelCost = parcelCost ?? ShadowRules.Default.ParcelCost, KilometreCost = kilometreCost ?? ShadowRules.Default.KilometreCost, Service = Enum.TryParse<DeliveryService>(service, out var asked) && Enum.IsDefined(asked) ? asked : null };
            var timeZone = string.IsNullOrWhiteSpace(zone) ? "UTC" : zone.Trim();
            var network = locations is { Length: > 0 } ? null : await NetworkOfAsync(caller.Tenant, store, partners, map, clock.GetUtcNow(), cancel);
            var report = await Task.Run(() => ShadowMaking.Make(Of(orders!), Of(stock!), locations is { Length: > 0 } ? Of(locations) : null, places is { Length: > 0 } ? Of(places) : null, timeZone, network, caller.Tenant, rules, null, cancel), cancel); // Checked just above.
            return Results.Redirect($"/operations/shadow/{reports.Keep(caller.Tenant, report)}");
        }
        catch (InvalidDataException unreadable)
        {
            return await PageAsync(caller, store, partners, null, "", unreadable.Message, cancel);
        }
        finally
        {
            reports.Turn.Release();
        }
    }

    private static string? FaultOf(IFormFile? orders, IFormFile? stock, string? zone, decimal? parcelCost, decimal? kilometreCost)
    {
        if (orders is not { Length: > 0 })
            return "Choose a file of orders.";
        if (stock is not { Length: > 0 })
            return "Choose a file of the stock when the day began.";
        if (!string.IsNullOrWhiteSpace(zone) && !TimeZoneInfo.TryFindSystemTimeZoneById(zone.Trim(), out _))
            return $"'{zone}' is not a time zone. Write one such as Europe/Berlin.";
        return parcelCost is < 0 or > 1_000 || kilometreCost is < 0 or > 1_000 ? "Costs are between 0 and 1,000." : null;
    }

    // Its own nodes, and those whose stock it may sell.
    private static async Task<NetworkSnapshot> NetworkOfAsync(PartnerId company, Store store, PartnerBook partners, NetworkMap map, DateTimeOffset now, CancellationToken cancel)
    {
        var all = await map.CurrentAsync(cancel);
        var grants = await store.ReadAsync(db => partners.GrantedToAsync(db, company, AgreementKind.SellStock, now).AsTask(), cancel);
        return new NetworkSnapshot(
            [.. all.Locations.Where(location => location.Operator == company || grants.Any(grant => grant.Grantor == location.Operator && grant.Covers(null, location.Id, location.Region))).OrderBy(location => location.Operator != company)],
            all.Regions);
    }

    private static NamedFile Of(IFormFile file) => new(Path.GetFileName(file.FileName), file.OpenReadStream);

    private static async Task<IResult> PageAsync(Caller caller, Store store, PartnerBook partners, ShadowReport? report, string id, string? fault, CancellationToken cancel)
    {
        var company = await store.ReadAsync(db => partners.FindAsync(db, caller.Tenant), cancel);
        return new RazorComponentResult<ShadowPage>(new { Company = company, Report = report, ReportId = id, Fault = fault }) { StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
    }
}

/// <summary>From files to a report.</summary>
internal static class ShadowMaking
{
    public static ShadowReport Make(NamedFile orders, NamedFile stock, NamedFile? locations, NamedFile? places, string timeZone, NetworkSnapshot? network, PartnerId company, ShadowRules rules, Action<int, int>? progress, CancellationToken cancel)
    {
        var input = ShadowFiles.Read(orders, stock, locations, places, TimeZoneInfo.FindSystemTimeZoneById(timeZone));
        var run = new ShadowRun(input, network ?? ShadowRules.NetworkOf(input.Nodes, company, timeZone), company, rules.Service);
        return ShadowReport.Of(run, run.Run(done => progress?.Invoke(done, input.Orders.Count), cancel), input, rules);
    }
}

internal static class ShadowRoom
{
    public static IServiceCollection AddShadow(this IServiceCollection services) => services.AddSingleton<ShadowReports>();

    public static void MapShadow(this IEndpointRouteBuilder routes) => routes.MapShadowPages();
}
