using System.Diagnostics;
using System.Text;
using Caravan.Engines.Labels;
using Caravan.Platform.Access;
using Caravan.Platform.Idempotency;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Fulfilment.Labels;

/// <summary>Labels over HTTP, for programs and from the pick list's page.</summary>
internal static class LabelEndpoints
{
    private const int RangesMax = 100;
    private const string Pdf = "application/pdf";
    private const string Zpl = "application/x-zpl";

    public static void MapLabelEndpoints(this IEndpointRouteBuilder routes)
    {
        var settings = routes.MapGroup("/v1/labels/settings").WithTags("Fulfilment").NeedsScope(Area.Fulfilment);
        settings.MapGet("", Settings).WithSummary("Under which GS1 company prefix your bags are numbered").Produces<LabelSettingsBody>().ProducesProblem(404);
        settings.MapPut("", Put).WithSummary("Say your GS1 company prefix: packed bags are numbered (SSCC) under it from now on").Produces<LabelSettingsBody>().ProducesProblem(400).ProducesProblem(409);

        var lists = routes.MapGroup("/v1/pick-lists/{id}").WithTags("Fulfilment").NeedsScope(Area.Fulfilment);
        lists.MapGet("/labels.pdf", PrintPdf).WithSummary("Labels of a packed list, a page of 105 × 148 mm for each bag").Produces<byte[]>(200, Pdf).ProducesProblem(404).ProducesProblem(409);
        lists.MapGet("/labels.zpl", PrintZpl).WithSummary("Labels of a packed list for a thermal printer of 203 or 300 dpi").Produces<string>(200, Zpl).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);

        var pages = routes.MapGroup("/picking/list/{id}").ExcludeFromDescription().NeedsScope(Area.Fulfilment);
        pages.MapGet("/labels.pdf", PrintPdf);
        pages.MapGet("/labels.zpl", PrintZpl);
    }

    private static async Task<IResult> Settings(Caller caller, Store store, CancellationToken cancel) =>
        await store.ReadAsync(db => SsccRanges.CurrentAsync(db, caller.Tenant), cancel) is { } range ? TypedResults.Ok(LabelSettingsBody.Of(range)) : Problem.NotFound("GS1 company prefix");

    private static async Task<IResult> Put(HttpContext context, Caller caller, LabelSettingsPut body, IdempotentWrites writes)
    {
        var check = new Check()
            .That(Sscc.IsPrefix(body.Prefix), "#/prefix", $"Give the {Sscc.PrefixShortest} to {Sscc.PrefixLongest} digits of the company prefix that GS1 has licensed to you.")
            .Range(body.ExtensionDigit, "#/extensionDigit", 0, 9);
        if (body.NextSerial is { } serial)
            check.Range(serial, "#/nextSerial", 0, Sscc.IsPrefix(body.Prefix) ? Sscc.SerialMax(body.Prefix.Length) : long.MaxValue);
        if (check.Failed)
            return check.Refusal;

        return await writes.RunAsync(context, caller, async tx =>
        {
            var ranges = await SsccRanges.AllAsync(tx, caller.Tenant);
            if (ranges.Find(range => range.Overlaps(body.Prefix, body.ExtensionDigit)) is { } other)
                return Outcome.Refuse(Problem.Of(409, "sscc-range-overlaps", "These numbers may be given already", $"You have numbered under prefix {other.Prefix} with this extension digit, which has numbers in common. Choose another extension digit."));

            var known = ranges.Find(range => range.Prefix == body.Prefix && range.Extension == body.ExtensionDigit);
            if (known is null && ranges.Count >= RangesMax)
                return Outcome.Refuse(Problem.Of(409, "too-many-sscc-ranges", "Too many prefixes", $"A company has at most {RangesMax} pairs of prefix and extension digit; go back to one of them."));
            if (body.NextSerial <= known?.LastSerial)
                return Outcome.Refuse(Problem.Of(409, "sscc-serial-used", "This number is given already", $"Numbers up to {known.LastSerial} are given. Say a higher one, or none to go on.", ("lastSerial", known.LastSerial)));

            // The first is 1 unless it is said: 0 would be a number like any other, and looks like none.
            var put = new SsccRange { Prefix = body.Prefix, Extension = body.ExtensionDigit, LastSerial = body.NextSerial is { } next ? Math.Max(0, next - 1) : known?.LastSerial ?? 0, SerialMax = Sscc.SerialMax(body.Prefix.Length) };
            await SsccRanges.PutAsync(tx, caller.Tenant, put);
            return new Answer(200, LabelSettingsBody.Of(put));
        });
    }

    private static async Task<IResult> PrintPdf(FulfilmentId id, Caller caller, LabelDesk desk, CancellationToken cancel) =>
        Answer(await desk.PrintAsync(caller.Tenant, id, cancel), sheets => TypedResults.Bytes(PdfLabels.Write(sheets), Pdf));

    private static async Task<IResult> PrintZpl(FulfilmentId id, Caller caller, LabelDesk desk, CancellationToken cancel, int dpi = 203)
    {
        var check = new Check().That(ZplLabels.IsResolution(dpi), "?dpi", "Give 203 or 300.");
        return check.Failed
            ? check.Refusal
            : Answer(await desk.PrintAsync(caller.Tenant, id, cancel), sheets => TypedResults.Bytes(Encoding.ASCII.GetBytes(ZplLabels.Write(sheets, dpi)), Zpl, $"{id}.zpl"));
    }

    private static IResult Answer(LabelOutcome outcome, Func<IReadOnlyList<LabelSheet>, IResult> written) => outcome switch
    {
        LabelOutcome.Drawn drawn => written(drawn.Sheets),
        LabelOutcome.NotFound => Problem.NotFound("pick list"),
        LabelOutcome.NotPacked { Status: var status } => Problem.Of(409, "not-packed", "Nothing is packed", status is PickListStatus.Waiting or PickListStatus.Picking or PickListStatus.Picked ? "Pack the list first; each bag then has its label." : "Nothing of this list went into bags."),
        LabelOutcome.NoNumbers => Problem.Of(409, "no-company-prefix", "Your company has no numbers for bags", "Say the company prefix that GS1 has licensed to you with PUT /v1/labels/settings, then ask for the labels again."),
        LabelOutcome.UsedUp { Range: var range } => Problem.Of(409, "sscc-range-used-up", "All numbers are given", $"All numbers of prefix {range.Prefix} with extension digit {range.Extension} are given. Say another extension digit or prefix with PUT /v1/labels/settings, then ask for the labels again."),
        _ => throw new UnreachableException(),
    };
}
