using System.Text;
using Caravan.Edi;
using Caravan.Partners;
using Caravan.Platform.Access;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Operations;

/// <summary>An interchange of the list, with its trading partner's name.</summary>
public sealed record InterchangeShown(KeptInterchange Interchange, string Partner);

/// <summary>A line of an interchange's bytes as people read them, and whether a fault stands in it.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">Without its line break.</param>
/// <param name="Faults">What is wrong there.</param>
public sealed record RawLine(int Number, string Text, IReadOnlyList<FaultBody> Faults)
{
    private const int LinesMax = 2_000;

    /// <summary>The bytes, a segment a line where the sender broke no lines, each with its faults.</summary>
    public static IReadOnlyList<RawLine> Of(byte[] raw, IReadOnlyList<FaultBody> faults)
    {
        ArgumentNullException.ThrowIfNull(raw);
        ArgumentNullException.ThrowIfNull(faults);
        var terminator = raw.Contains((byte)'\n') ? (byte)'\n' : raw.AsSpan().StartsWith("UN"u8) ? (byte)'\'' : raw.Length > 105 ? raw[105] : (byte)'~';
        List<RawLine> lines = [];
        var start = 0;
        while (start < raw.Length && lines.Count < LinesMax)
        {
            var cut = raw.AsSpan(start).IndexOf(terminator);
            var end = cut < 0 ? raw.Length : start + cut + 1;
            var (from, to) = (start, end);
            lines.Add(new RawLine(lines.Count + 1, Encoding.Latin1.GetString(raw, from, to - from).TrimEnd('\r', '\n'), [.. faults.Where(fault => fault.Offset >= from && fault.Offset < to)]));
            start = end;
        }

        return lines;
    }
}

/// <summary>What came and went by EDI, for people with a session.</summary>
internal static class EdiPages
{
    private const int OnPage = 50;

    public static void MapEdiPages(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/operations/edi").ExcludeFromDescription().NeedsScope(Area.Edi);
        pages.MapGet("", List);
        pages.MapGet("/{id}", Show);
    }

    private static Task<IResult> List(Caller caller, Store store, PartnerBook partners, EdiBook book, CancellationToken cancel, EdiInterchangeId? before = null, bool sent = false) => store.ReadAsync<IResult>(async db =>
    {
        var rows = await book.ListAsync(db, caller.Tenant, before, sent ? true : null, OnPage + 1);
        return new RazorComponentResult<EdiPage>(new
        {
            Company = await partners.FindAsync(db, caller.Tenant),
            Rows = (IReadOnlyList<InterchangeShown>)[.. rows.Take(OnPage).Select(row => new InterchangeShown(row.Interchange, row.Partner))],
            OnlySent = sent,
            Next = rows.Count > OnPage ? rows[OnPage - 1].Interchange.Id.ToString() : null,
        });
    }, cancel);

    private static Task<IResult> Show(EdiInterchangeId id, Caller caller, Store store, PartnerBook partners, EdiBook book, CancellationToken cancel) => store.ReadAsync<IResult>(async db =>
        await book.FindAsync(db, caller.Tenant, id) is { } story
            ? new RazorComponentResult<EdiInterchangePage>(new { Company = await partners.FindAsync(db, caller.Tenant), Story = story })
            : Problem.NotFound("interchange"), cancel);
}
