using System.Globalization;
using System.Text;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock.Connect;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Caravan.Operations;

/// <summary>A stock system is connected: file, guesses, codes, dry run, live. Every step is a form that works without script.</summary>
internal static class ConnectPages
{
    private const string Root = "/operations/feeds/connect";
    private const string ItemField = "item:";
    private const string LocationField = "location:";
    private const int FormBytesMax = ConnectionDesk.FileBytesMax + (1024 * 1024);

    public static void MapConnectPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup(Root).ExcludeFromDescription().NeedsScope(Area.Stock);
        pages.MapGet("", Start);
        pages.MapPost("", Begin).WithMetadata(new RequestSizeLimitAttribute(FormBytesMax));
        pages.MapGet("/{id}", Show);
        pages.MapPost("/{id}/choices", Choose);
        pages.MapPost("/{id}/codes", Map);
        pages.MapPost("/{id}/accept", Accept);
        pages.MapPost("/{id}/go-live", GoLive);
        pages.MapPost("/{id}/forget", Forget);
    }

    private static Task<IResult> Start(Caller caller, ConnectionDesk desk, Store store, PartnerBook partners, CancellationToken cancel) => StartAsync(caller, desk, store, partners, null, cancel);

    private static async Task<IResult> Begin(Caller caller, ConnectionDesk desk, Store store, PartnerBook partners, IFormFile? file, [FromForm] string? pasted, [FromForm] string? name, CancellationToken cancel)
    {
        byte[] bytes;
        if (file is { Length: > 0 })
        {
            using var copy = new MemoryStream();
            await file.CopyToAsync(copy, cancel);
            bytes = copy.ToArray();
        }
        else
        {
            bytes = Encoding.UTF8.GetBytes(pasted ?? "");
        }

        if (bytes.Length == 0)
            return await StartAsync(caller, desk, store, partners, "Choose a file, or paste some of its lines with the header.", cancel);

        var (id, fault) = await desk.BeginAsync(caller.Tenant, name, file is { Length: > 0 } ? file.FileName : null, bytes, cancel);
        return id is { } made ? Results.Redirect($"{Root}/{made}") : await StartAsync(caller, desk, store, partners, fault, cancel);
    }

    private static Task<IResult> Show(FeedConnectionId id, HttpContext context, Caller caller, ConnectionDesk desk, Store store, PartnerBook partners, CancellationToken cancel) =>
        ShowAsync(id, context, caller, desk, store, partners, [], cancel);

    private static async Task<IResult> Choose(
        FeedConnectionId id,
        HttpContext context,
        Caller caller,
        ConnectionDesk desk,
        Store store,
        PartnerBook partners,
        [FromForm] string? name,
        [FromForm] string? encoding,
        [FromForm] string? delimiter,
        [FromForm] string? headerLine,
        [FromForm] string? itemColumn,
        [FromForm] string? locationColumn,
        [FromForm] string? fixedLocation,
        [FromForm] string? quantityColumn,
        [FromForm] string? decimals,
        [FromForm] string? itemCodes,
        [FromForm] string? meaning,
        [FromForm] string? asOf,
        CancellationToken cancel)
    {
        if (await desk.FindAsync(caller.Tenant, id, cancel) is not { } now)
            return Problem.NotFound("feed of yours that is on its way");

        List<Fault> faults = [];
        int? line = int.TryParse(headerLine, NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : null;
        if (line is null && !string.IsNullOrEmpty(headerLine))
            faults.Add(new Fault { Pointer = "#/headerLine", Detail = "Give the number of the line that names the columns." });
        DateTimeOffset? at = DateTimeOffset.TryParse(asOf, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var told) ? told : null;
        if (at is null && !string.IsNullOrEmpty(asOf))
            faults.Add(new Fault { Pointer = "#/asOf", Detail = "Say when the figures were true, such as 2026-11-03T02:00:00Z." });

        // What was left as it was guessed stays a guess.
        var choices = new ConnectionChoices
        {
            Name = Changed(name, now.Name),
            Encoding = Changed(encoding, now.Encoding.Value),
            Delimiter = Changed(delimiter, now.Delimiter.Value),
            HeaderLine = Changed(headerLine, now.HeaderLine.Value) is null ? null : line,
            ItemColumn = Changed(itemColumn, now.ItemColumn.Value),
            LocationColumn = Changed(locationColumn, now.LocationColumn.Value),
            FixedLocation = Changed(fixedLocation, now.FixedLocation.Value),
            QuantityColumn = Changed(quantityColumn, now.QuantityColumn.Value),
            Decimals = Changed(decimals, now.Decimals.Value),
            ItemCodes = Changed(itemCodes, now.ItemCodes.Value),
            Meaning = Changed(meaning, now.Meaning.Value),
            AsOf = Changed(asOf, now.AsOf.Value) is null ? null : at,
        };
        if (faults.Count == 0)
            faults.AddRange(await desk.ChooseAsync(caller.Tenant, id, choices, cancel) ?? []);
        return faults.Count == 0 ? Results.Redirect($"{Root}/{id}#codes") : await ShowAsync(id, context, caller, desk, store, partners, faults, cancel);
    }

    private static async Task<IResult> Map(FeedConnectionId id, HttpContext context, Caller caller, ConnectionDesk desk, Store store, PartnerBook partners, CancellationToken cancel)
    {
        var form = await context.Request.ReadFormAsync(cancel);
        var faults = await desk.ChooseAsync(caller.Tenant, id, new ConnectionChoices { Items = Named(ItemField), Locations = Named(LocationField) }, cancel);
        return faults switch
        {
            null => Problem.NotFound("feed of yours that is on its way"),
            { Count: 0 } => Results.Redirect($"{Root}/{id}#codes"),
            _ => await ShowAsync(id, context, caller, desk, store, partners, faults, cancel),
        };

        Dictionary<string, string> Named(string prefix) => form
            .Where(field => field.Key.StartsWith(prefix, StringComparison.Ordinal) && !string.IsNullOrWhiteSpace(field.Value))
            .ToDictionary(field => field.Key[prefix.Length..], field => field.Value.ToString().Trim(), StringComparer.Ordinal);
    }

    private static async Task<IResult> Accept(FeedConnectionId id, Caller caller, ConnectionDesk desk, [FromForm] int percent, CancellationToken cancel) =>
        await desk.AcceptAsync(caller.Tenant, id, Math.Clamp(percent, 50, 100), cancel) is null ? Problem.NotFound("feed of yours that is on its way") : Results.Redirect($"{Root}/{id}#codes");

    private static async Task<IResult> GoLive(FeedConnectionId id, HttpContext context, Caller caller, ConnectionDesk desk, Store store, PartnerBook partners, [FromForm] bool? accepts, CancellationToken cancel) =>
        await desk.GoLiveAsync(caller.Tenant, id, accepts == true, cancel) switch
        {
            WentLive.Live => Results.Redirect($"{Root}/{id}"),
            WentLive.Refused refused => await ShowAsync(id, context, caller, desk, store, partners, [new Fault { Pointer = refused.Pointer, Detail = refused.Why }], cancel),
            _ => Problem.NotFound("feed of yours that is on its way"),
        };

    private static async Task<IResult> Forget(FeedConnectionId id, Caller caller, ConnectionDesk desk, CancellationToken cancel) =>
        await desk.ForgetAsync(caller.Tenant, id, cancel) ? Results.Redirect("/operations/feeds") : Problem.NotFound("feed of yours that is on its way");

    private static string? Changed(string? sent, string now) => sent is null || sent.Trim() == now ? null : sent.Trim();

    private static async Task<IResult> StartAsync(Caller caller, ConnectionDesk desk, Store store, PartnerBook partners, string? fault, CancellationToken cancel) => new RazorComponentResult<ConnectStartPage>(new
    {
        Company = await store.ReadAsync(db => partners.FindAsync(db, caller.Tenant), cancel),
        OnTheirWay = await desk.ListAsync(caller.Tenant, cancel),
        Fault = fault,
    })
    { StatusCode = fault is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };

    private static async Task<IResult> ShowAsync(FeedConnectionId id, HttpContext context, Caller caller, ConnectionDesk desk, Store store, PartnerBook partners, IReadOnlyList<Fault> faults, CancellationToken cancel)
    {
        if (await desk.FindAsync(caller.Tenant, id, cancel) is not { } connection)
            return Problem.NotFound("feed of yours that is on its way");

        return new RazorComponentResult<ConnectPage>(new
        {
            Company = await store.ReadAsync(db => partners.FindAsync(db, caller.Tenant), cancel),
            Found = connection,
            Places = await desk.PlacesAsync(caller.Tenant, id, cancel),
            Faults = faults,
            Origin = $"{context.Request.Scheme}://{context.Request.Host}",
        })
        { StatusCode = faults.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
    }
}
