using System.Buffers;
using System.Globalization;
using System.Text;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;
using Caravan.Stock.Connect;
using Microsoft.AspNetCore.Http.Features;

namespace Caravan.Stock;

/// <summary>Takes a stock file as it arrives: of a file of any length no more than a few slices are in memory.</summary>
internal static class FeedFileEndpoint
{
    private const long BytesMax = 2L * 1024 * 1024 * 1024;
    private const int PieceBytes = 64 * 1024;

    public static async Task<IResult> Send(
        FeedId id,
        HttpContext context,
        Caller caller,
        Store store,
        FeedPost post,
        TimeProvider clock,
        string? asOf = null,
        string? kind = null,
        long? sequence = null,
        string? scope = null,
        int? lines = null)
    {
        var mediaType = context.Request.ContentType?.Split(';')[0].Trim();
        if (mediaType is not ("text/csv" or "text/plain" or "application/csv" or "text/tab-separated-values"))
            return Problem.Of(415, "unsupported-media-type", "Unsupported media type", "Send the file as the body with Content-Type: text/csv.");

        var charset = context.Request.GetTypedHeaders().ContentType?.Charset.Value;
        var check = new Check()
            .That(kind is null or "snapshot" or "delta", "?kind", "Say snapshot or delta.")
            .That(scope is null or "all" or "locationsInFile", "?scope", "Say all or locationsInFile.")
            .That(kind != "delta" || scope is null, "?scope", "A delta has no scope: it speaks of its lines only.")
            .That(string.IsNullOrEmpty(charset) || FeedEncodings.Find(charset) is not null, "Content-Type", $"'{charset}' is not an encoding that is read. Send one of {string.Join(", ", FeedEncodings.Known.Select(one => one.Name))}.");
        var isAsOf = DateTimeOffset.TryParse(asOf, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at);
        check.That(isAsOf, "?asOf", "Say when the figures were true, such as 2026-11-03T02:00:00Z (in a URL, write + as %2B).");
        if (check.Failed)
            return check.Refusal;

        FeedDocumentEndpoints.CheckTimes(check, at, sequence, clock.GetUtcNow());
        if (check.Failed)
            return check.Refusal;

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = BytesMax;
        var format = await store.ReadAsync(db => FeedFormatStore.FindAsync(db, caller.Tenant, id), context.RequestAborted);
        var draft = new FeedDraft(kind == "delta" ? DocumentKind.Delta : DocumentKind.Snapshot, at, sequence, new FeedScope { IsLocationsInFile = scope == "locationsInFile" }, []);
        FeedUpload? upload = null;
        var isHandedOn = false;
        try
        {
            var count = 0;
            var reader = await ReadAsync(context, format, charset, check, async line =>
            {
                if (draft.Kind == DocumentKind.Snapshot && line.IsChange)
                    FeedDocumentEndpoints.CheckFigures(check, draft.Kind, [line]);
                if (++count > FeedDraft.FileLinesMax)
                    throw new FeedFileException($"The file has more than {FeedDraft.FileLinesMax} lines. Send it in parts, each with its own scope.");
                if (upload is not null)
                {
                    await upload.AddAsync(line, context.RequestAborted);
                    return;
                }

                draft.Lines.Add(line);
                if (draft.Lines.Count <= FeedUpload.PartLines)
                    return;

                upload = new FeedUpload(store, caller.Tenant, id, clock);
                foreach (var kept in draft.Lines)
                    await upload.AddAsync(kept, context.RequestAborted);
                draft.Lines.Clear();
            });
            check.That(lines is null || lines == count, "?lines", $"The file was said to have {lines} lines and has {count}. Was it cut off, or changed, on its way? Nothing was taken.");

            // What stands behind the cut is not known, so it cannot be taken for absent.
            if (reader.IsCutOff && draft.Kind == DocumentKind.Snapshot)
                check.That(false, "#", $"The file ends in the middle of line {reader.LastLine}: it was cut off. Nothing was taken, for what it does not name would become zero. Send it again, whole.");
            if (check.Failed)
                return check.Refusal;
            if (upload is null)
                return await post.RunAsync(id, context, caller, check, draft);

            isHandedOn = true;
            return await post.RunAsync(id, context, caller, upload, draft.Kind, draft.AsOf, draft.Sequence, draft.Scope);
        }
        catch (FeedFileException fault)
        {
            return Problem.Invalid(new Fault { Pointer = "#", Detail = fault.Message });
        }
        finally
        {
            if (upload is not null && !isHandedOn)
                await upload.ForgetAsync();
        }
    }

    private static async Task<FeedLineReader> ReadAsync(HttpContext context, FeedFormat? format, string? charset, Check check, Func<FeedLine, Task> each)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            FeedRows? rows = null;
            FeedLineReader? reader = null;
            for (var isEnd = false; !isEnd && !check.Failed;)
            {
                // Whole pieces: the first tells the encoding and the divider.
                var read = await context.Request.Body.ReadAtLeastAsync(piece, PieceBytes, throwOnEndOfStream: false, context.RequestAborted);
                isEnd = read < PieceBytes;
                rows ??= new FeedRows(EncodingOf(piece.AsSpan(0, read), format, charset));
                rows.Append(piece.AsSpan(0, read));
                if (isEnd)
                    rows.Complete();
                if (reader is null)
                {
                    reader = new FeedLineReader(rows, format);
                    reader.ReadHeader();
                    check.That(reader.WhyUnusable is null, "#/header", reader.WhyUnusable ?? "");
                }

                while (!check.Failed && reader.Next() is { } line)
                    await each(line);
            }

            return reader ?? throw new FeedFileException("The file is empty. Its first line names the columns: location, item, quantity.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    // What the sender says goes first, then the file's own mark, then what the feed was connected with.
    private static Encoding EncodingOf(ReadOnlySpan<byte> head, FeedFormat? format, string? charset)
    {
        if (FeedEncodings.OfMark(head) is var (marked, length) && length > 0)
            return marked;

        return FeedEncodings.Find(charset) ?? FeedEncodings.Find(format?.Encoding) ?? FeedEncodings.Find("utf-8")!; // One of the list.
    }
}
