using System.Buffers;
using System.Globalization;
using System.Text;

namespace Caravan.Engines.Edi;

/// <summary>
/// Writes interchanges: envelopes with their counts and references, segments without trailing empty elements, release characters
/// where EDIFACT needs them. Where X12 has no way to write a character (it is a delimiter), a blank stands in for it.
/// <para>
/// Cost: linear; everything is written into one buffer of the caller's. One thread at a time. Throws
/// <see cref="InvalidOperationException"/> when parts are opened or closed out of order.
/// </para>
/// </summary>
public sealed class EdiWriter
{
    private readonly IBufferWriter<byte> output;
    private readonly EdiDelimiters delimiters;
    private readonly EdiCharset charset;
    private readonly bool hasLines;
    private readonly List<byte> segment = new(256);
    private EdiEnvelope? envelope;
    private (string Code, string Control)? group;
    private (string Type, string Control)? message;
    private int groups;
    private int messages;
    private int segments;
    private int solid;

    /// <summary>A writer of one interchange after the other.</summary>
    /// <param name="output">Where the bytes go.</param>
    /// <param name="delimiters">What parts them.</param>
    /// <param name="charset">UNB's syntax identifier, which says how EDIFACT text becomes bytes; X12 is UTF-8.</param>
    /// <param name="hasLines">Whether each segment is followed by a line feed, for people.</param>
    public EdiWriter(IBufferWriter<byte> output, EdiDelimiters delimiters, string charset = "UNOC", bool hasLines = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (!delimiters.AreUsable)
            throw new ArgumentException("Delimiters differ and are no letters, digits or blanks.", nameof(delimiters));

        this.output = output;
        this.delimiters = delimiters;
        this.hasLines = hasLines;
        this.charset = delimiters.Syntax == EdiSyntax.X12 ? EdiCharset.X12 : EdiCharset.Of(Encoding.ASCII.GetBytes(charset)) ?? throw new ArgumentException("No syntax identifier of ISO 9735.", nameof(charset));
    }

    /// <summary>Which standard is written.</summary>
    public EdiSyntax Syntax => delimiters.Syntax;

    /// <summary>Writes a segment that was read once more, byte for byte: what stood before it, its elements, its terminator.</summary>
    public static void Copy(in EdiSegment segment, IBufferWriter<byte> output)
    {
        output.Write(segment.Leading);
        output.Write(segment.Wrapped);
        for (var element = 0; segment.Wrapped.IsEmpty && element <= segment.Count; element++)
        {
            if (element > 0)
                Put(output, segment.Delimiters.Element);
            output.Write(segment[element]);
        }

        if (segment.IsTerminated)
            Put(output, segment.Delimiters.Terminator);
    }

    /// <summary>Opens an interchange: ISA, or UNA where the delimiters are not the usual ones, and UNB.</summary>
    public void Open(EdiEnvelope header)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (envelope is not null)
            throw new InvalidOperationException("The interchange before is still open.");

        (envelope, groups, messages) = (header, 0, 0);
        var date = header.PreparedAt ?? new EdiDate(DateOnly.MinValue);
        var (day, time) = (date.Day.ToString("yyMMdd", CultureInfo.InvariantCulture), (date.Time ?? TimeOnly.MinValue).ToString("HHmm", CultureInfo.InvariantCulture));
        if (Syntax == EdiSyntax.X12)
        {
            var repetition = delimiters.Repetition == 0 ? "U" : ((char)delimiters.Repetition).ToString();
            Begin("ISA");
            foreach (var field in (ReadOnlySpan<string>)["00", new string(' ', 10), "00", new string(' ', 10), header.Sender.Qualifier.PadRight(2), header.Sender.Id.PadRight(15), header.Receiver.Qualifier.PadRight(2), header.Receiver.Id.PadRight(15), day, time])
                Fixed(field);
            Raw(repetition);
            foreach (var field in (ReadOnlySpan<string>)[header.Version, header.ControlNumber, header.IsAnswerWanted ? "1" : "0", header.IsTest ? "T" : "P"])
                Fixed(field);
            segment.Add(delimiters.Element);
            segment.Add(delimiters.Component);
            solid = segment.Count;
            End();
            return;
        }

        if (delimiters != EdiDelimiters.Edifact && !(delimiters.Repetition == '*' && delimiters with { Repetition = 0 } == EdiDelimiters.Edifact))
        {
            output.Write("UNA"u8);
            foreach (var one in (ReadOnlySpan<byte>)[delimiters.Component, delimiters.Element, delimiters.DecimalMark, delimiters.Release == 0 ? (byte)' ' : delimiters.Release, delimiters.Repetition == 0 ? (byte)' ' : delimiters.Repetition, delimiters.Terminator])
                Put(output, one);
            if (hasLines)
                Put(output, (byte)'\n');
        }

        Begin("UNB");
        Composite(header.Version.Split(':'));
        Composite(header.Sender.Id, header.Sender.Qualifier);
        Composite(header.Receiver.Id, header.Receiver.Qualifier);
        Composite(day, time);
        Element(header.ControlNumber);
        foreach (var element in (ReadOnlySpan<string>)["", "", "", header.IsAnswerWanted ? "1" : "", "", header.IsTest ? "1" : ""])
            Element(element);
        End();
    }

    /// <summary>Opens a group (X12).</summary>
    public void OpenGroup(string functionalCode, string sender, string receiver, EdiDate date, string controlNumber, string version)
    {
        if (envelope is null || group is not null || Syntax != EdiSyntax.X12)
            throw new InvalidOperationException("A group is opened inside an X12 interchange, after the group before was closed.");

        (group, messages) = ((functionalCode, controlNumber), 0);
        groups++;
        Begin("GS");
        foreach (var element in (ReadOnlySpan<string>)[functionalCode, sender, receiver, EdiValue.Day(date.Day), EdiValue.Time(date.Time ?? TimeOnly.MinValue), controlNumber, "X", version])
            Element(element);
        End();
    }

    /// <summary>Opens a message: ST, or UNH with the version as <c>D:96A:UN:EAN005</c>.</summary>
    public void OpenMessage(string type, string controlNumber, string version = "")
    {
        ArgumentNullException.ThrowIfNull(version);
        if (envelope is null || message is not null || (group is null && Syntax == EdiSyntax.X12))
            throw new InvalidOperationException("A message is opened inside a group (X12) or interchange, after the message before was closed.");

        (message, segments) = ((type, controlNumber), 0);
        messages++;
        if (Syntax == EdiSyntax.X12)
        {
            Segment("ST", type, controlNumber);
            return;
        }

        Begin("UNH");
        Element(controlNumber);
        Composite([type, .. version.Split(':')]);
        End();
    }

    /// <summary>Closes the message with its count.</summary>
    public void CloseMessage()
    {
        var (_, control) = message ?? throw new InvalidOperationException("No message is open.");
        Begin(Syntax == EdiSyntax.X12 ? "SE" : "UNT");
        Element((segments).ToString(CultureInfo.InvariantCulture));
        Element(control);
        End();
        message = null;
    }

    /// <summary>Closes the group with its count.</summary>
    public void CloseGroup()
    {
        if (group is not { } closing || message is not null)
            throw new InvalidOperationException("No group is open, or a message still is.");

        Segment("GE", messages.ToString(CultureInfo.InvariantCulture), closing.Control);
        group = null;
    }

    /// <summary>Closes the interchange with its count.</summary>
    public void Close()
    {
        if (envelope is null || group is not null || message is not null)
            throw new InvalidOperationException("No interchange is open, or something in it still is.");

        Segment(Syntax == EdiSyntax.X12 ? "IEA" : "UNZ", (Syntax == EdiSyntax.X12 ? groups : messages).ToString(CultureInfo.InvariantCulture), envelope.ControlNumber);
        envelope = null;
    }

    /// <summary>Writes a segment of plain elements.</summary>
    public void Segment(string tag, params ReadOnlySpan<string?> elements)
    {
        Begin(tag);
        foreach (var element in elements)
            Element(element);
        End();
    }

    internal void Begin(string tag)
    {
        segment.Clear();
        foreach (var one in tag)
            segment.Add((byte)one);
        solid = segment.Count;
        segments++;
    }

    internal void Element(string? text)
    {
        segment.Add(delimiters.Element);
        Data(text);
    }

    internal void Composite(params ReadOnlySpan<string?> components)
    {
        segment.Add(delimiters.Element);
        for (var i = 0; i < components.Length; i++)
        {
            if (i > 0)
                segment.Add(delimiters.Component);
            Data(components[i]);
        }

        if (segment.Count > solid)
            segment.RemoveRange(Math.Max(solid, LastOfElement()), segment.Count - Math.Max(solid, LastOfElement()));
    }

    // Trailing component separators say nothing; the element separator stays.
    private int LastOfElement()
    {
        var at = segment.Count;
        while (at > solid && segment[at - 1] == delimiters.Component)
            at--;
        return at;
    }

    internal void End()
    {
        segment.RemoveRange(solid, segment.Count - solid);
        segment.Add(delimiters.Terminator);
        if (hasLines)
            segment.Add((byte)'\n');
        output.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(segment));
    }

    private void Fixed(string field)
    {
        segment.Add(delimiters.Element);
        foreach (var one in field)
            segment.Add(one < 0x80 && !delimiters.IsService((byte)one) ? (byte)one : (byte)' ');
        solid = segment.Count;
    }

    private void Raw(string field)
    {
        segment.Add(delimiters.Element);
        foreach (var one in field)
            segment.Add((byte)one);
        solid = segment.Count;
    }

    private void Data(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return;

        foreach (var one in charset.Bytes(text))
        {
            var isService = delimiters.IsService(one);
            if (isService && delimiters.Release != 0)
                segment.Add(delimiters.Release);
            segment.Add((isService && delimiters.Release == 0) || one < ' ' ? (byte)' ' : one);
        }

        solid = segment.Count;
    }

    private static void Put(IBufferWriter<byte> output, byte one) => output.Write([one]);
}
