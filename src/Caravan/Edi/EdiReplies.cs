using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Caravan.Engines.Edi;
using Caravan.Platform.Storage;

namespace Caravan.Edi;

/// <summary>Writes what goes out to a trading partner, and keeps it in the caller's transaction.</summary>
internal static class EdiReplies
{
    private const string X12Version = "00401";
    private const string X12GroupVersion = "004010";

    /// <summary>
    /// The word on an interchange that came: an interchange of acknowledgements (TA1 and 997, or CONTRL), and one of answers
    /// to what its messages say (824 and 855, or APERAK and ORDRSP).
    /// </summary>
    public static async Task AnswerAsync(Tx tx, TradingPartner partner, KeptInterchange kept, EdiInterchange read, EdiFault? extra, IReadOnlyList<EdiContent> business)
    {
        var syntax = kept.Syntax;
        var answer = EdiAnswers.OfInterchange(read, extra);
        var isTest = read.Envelope.IsTest;
        if (syntax == EdiSyntax.X12)
        {
            // Acknowledgements are not acknowledged, or there would be no end of it.
            var groups = answer.Verdict == EdiVerdict.Rejected ? [] : read.Groups.Where(group => group.FunctionalCode != "FA").Select(EdiAnswers.OfGroup).ToList();
            var ta1 = answer.Verdict != EdiVerdict.Accepted || read.Envelope.IsAnswerWanted ? answer : null;
            if (groups.Count > 0 || ta1 is not null)
                await SendAsync(tx, partner, syntax, [.. groups], kept.Id, isTest, ta1);
        }
        else if (answer.Verdict == EdiVerdict.Rejected || read.Groups.Exists(group => group.Messages.Exists(message => message.Type != "CONTRL")))
        {
            await SendAsync(tx, partner, syntax, [answer], kept.Id, isTest);
        }

        if (business.Count > 0)
            await SendAsync(tx, partner, syntax, business, kept.Id, isTest);
    }

    /// <summary>Writes contents as one interchange of ours and keeps it.</summary>
    public static async Task<KeptInterchange> SendAsync(Tx tx, TradingPartner partner, EdiSyntax syntax, IReadOnlyList<EdiContent> contents, EdiInterchangeId? answersTo = null, bool isTest = false, InterchangeAnswer? ta1 = null)
    {
        var control = (await EdiStore.NextControlAsync(tx, partner)).ToString("000000000", CultureInfo.InvariantCulture);
        var raw = Write(partner, syntax, contents, control, DateOf(tx.Now), isTest, ta1);
        var types = contents.Select(content => DocumentWriting.TypeOf(content, syntax)!).Concat(ta1 is null ? [] : ["TA1"]).Distinct(); // Only contents that the standard has are given.
        var sent = new KeptInterchange(EdiInterchangeId.New(tx.Now), partner.Id, IsOut: true, syntax, control, HashOf(raw), string.Join(' ', types), InterchangeState.Sent, answersTo, tx.Now, null);
        await EdiStore.InsertAsync(tx, partner.Tenant, sent, raw);
        return sent;
    }

    public static string HashOf(ReadOnlySpan<byte> raw) => Convert.ToHexStringLower(SHA256.HashData(raw));

    public static EdiDate DateOf(DateTimeOffset now) => new(DateOnly.FromDateTime(now.UtcDateTime), new TimeOnly(now.UtcDateTime.Hour, now.UtcDateTime.Minute));

    private static byte[] Write(TradingPartner partner, EdiSyntax syntax, IReadOnlyList<EdiContent> contents, string control, EdiDate now, bool isTest, InterchangeAnswer? ta1)
    {
        var output = new ArrayBufferWriter<byte>();
        var isX12 = syntax == EdiSyntax.X12;
        var delimiters = isX12 ? EdiDelimiters.X12 : EdiDelimiters.Edifact;
        var writer = new EdiWriter(output, delimiters, "UNOY", hasLines: true);
        writer.Open(new EdiEnvelope
        {
            Delimiters = delimiters,
            Sender = partner.Own,
            Receiver = partner.Theirs,
            ControlNumber = control,
            PreparedAt = now,
            Version = isX12 ? X12Version : "UNOY:3",
            IsTest = isTest,
        });
        if (ta1 is not null)
            AnswerWriting.Ta1(writer, ta1);
        var number = 0;
        foreach (var group in contents.GroupBy(content => isX12 ? DocumentWriting.FunctionalCode(DocumentWriting.TypeOf(content, syntax)!) : "")) // As above.
        {
            // One group of a kind, numbered as the interchange, so that the partner's 997 finds it.
            if (isX12)
                writer.OpenGroup(group.Key, partner.Own.Id, partner.Theirs.Id, now, control.TrimStart('0'), X12GroupVersion);
            foreach (var content in group)
                DocumentWriting.Write(writer, content, (++number).ToString("0000", CultureInfo.InvariantCulture));
            if (isX12)
                writer.CloseGroup();
        }

        writer.Close();
        return output.WrittenSpan.ToArray();
    }
}
