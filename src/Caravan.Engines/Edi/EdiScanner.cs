using System.Diagnostics;

namespace Caravan.Engines.Edi;

/// <summary>What the scanner has come upon.</summary>
public enum EdiScan
{
    /// <summary>A segment; <see cref="EdiScanner.Current"/> has it.</summary>
    Segment,

    /// <summary>Bytes are missing: append some, or say that there are none.</summary>
    NeedMore,

    /// <summary>Bytes that belong to no interchange; <see cref="EdiScanner.Current"/> has the first of them.</summary>
    Foreign,

    /// <summary>More of them.</summary>
    ForeignStill,

    /// <summary>A header whose delimiters clash; what follows it is passed over.</summary>
    BadDelimiters,

    /// <summary>A segment beyond <see cref="EdiScanner.SegmentBytesMax"/>; the rest of its interchange is passed over.</summary>
    TooLong,

    /// <summary>All is read.</summary>
    End,
}

/// <summary>
/// Cuts a stream of bytes into segments and elements, whichever of the two standards they follow, however the bytes arrive.
/// <para>
/// Method: delimiters are taken from the header (X12.5 and X12.6 for ISA; ISO 9735 for UNA and UNB), then each byte is looked up in a
/// table of what it is; elements are short, so that this is quicker than vectorised searches, which were tried. A release character
/// takes the byte after it along. Line breaks and blanks before a tag are set aside; line breaks inside a segment, as systems that
/// wrap at 80 columns make them, are left out of what is read. A byte order mark and an end-of-file character are passed over.
/// </para>
/// <para>
/// Cost: each byte is copied once and looked at once; memory is one chunk and one segment. One thread at a time. Nothing in the
/// bytes makes it throw.
/// </para>
/// </summary>
public sealed class EdiScanner
{
    /// <summary>The longest segment that is read.</summary>
    public const int SegmentBytesMax = 64 * 1024;

    // ISA has 106 bytes; those that pad their fields differently stay well under this.
    private const int HeaderBytesMax = 512;
    private const int IsaElements = 16;
    private const byte Plain = 0;
    private const byte Element = 1;
    private const byte Terminator = 2;
    private const byte Component = 3;
    private const byte Release = 4;
    private const byte Other = 5;
    private readonly byte[] kinds = new byte[256];
    private byte[] buffer = new byte[16 * 1024];
    private byte[] cleaned = [];
    private int[] starts = [0, 1, .. new int[62]];
    private int count = 2;
    private int next;
    private int end;
    private long bufferOffset;
    private bool isComplete;
    private bool isInside;
    private bool isForeign;
    private EdiDelimiters delimiters;
    private (int Leading, int Start, int End) current;
    private EdiTraits traits;
    private uint tag;
    private bool isCleaned;

    /// <summary>How many bytes are behind.</summary>
    public long Position => bufferOffset + next;

    /// <summary>The segment that was read last; good until the next call.</summary>
    public EdiSegment Current => new(
        isCleaned ? cleaned.AsSpan(0, starts[count - 1] - 1) : buffer.AsSpan(current.Start..current.End),
        starts.AsSpan(0, count),
        buffer.AsSpan(current.Leading..current.Start),
        in delimiters,
        bufferOffset + current.Start,
        tag,
        traits)
    {
        Wrapped = isCleaned ? buffer.AsSpan(current.Start..current.End) : default,
    };

    /// <summary>The bytes of the current segment just as they came, with what stood before it and its terminator.</summary>
    public ReadOnlySpan<byte> Raw => buffer.AsSpan(current.Leading..next);

    /// <summary>Takes more bytes; they are copied.</summary>
    public void Append(ReadOnlySpan<byte> chunk)
    {
        if (isComplete)
            throw new InvalidOperationException("The end was announced; nothing can follow it.");

        if (next > 0)
        {
            buffer.AsSpan(next, end - next).CopyTo(buffer);
            bufferOffset += next;
            (end, next) = (end - next, 0);
        }

        if (buffer.Length - end < chunk.Length)
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, end + chunk.Length));
        chunk.CopyTo(buffer.AsSpan(end));
        end += chunk.Length;
        current = default;
    }

    /// <summary>Says that no bytes follow.</summary>
    public void Complete() => isComplete = true;

    /// <summary>Goes on to the next segment.</summary>
    public EdiScan Read()
    {
        var start = next;
        if (!isInside && bufferOffset + next == 0 && buffer.AsSpan(next, end - next).StartsWith("\uFEFF"u8))
            start += 3;
        while (start < end && IsBlank(buffer[start]))
            start++;
        var rest = buffer.AsSpan(start, end - start);
        if (rest.IsEmpty)
            return Out(start);
        if (rest.Length < 4 && !isComplete)
            return EdiScan.NeedMore;

        if (IsHeader(rest))
            return ReadHeader(start, rest);
        return isInside ? ReadSegment(start) : PassOver(start);
    }

    private EdiScan Out(int start)
    {
        if (!isComplete)
            return EdiScan.NeedMore;

        Keep(next, start, start);
        next = end;
        return EdiScan.End;
    }

    private static bool IsBlank(byte one) => one is (byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t' or 0x1A;

    private static bool IsHeader(ReadOnlySpan<byte> rest) =>
        (rest.StartsWith("ISA"u8) && rest.Length > 3 && !char.IsAsciiLetterOrDigit((char)rest[3])) || rest.StartsWith("UNA"u8) || rest.StartsWith("UNB"u8);

    private EdiScan ReadHeader(int start, ReadOnlySpan<byte> rest)
    {
        if (rest.Length < HeaderBytesMax && !isComplete && rest.IndexOf(rest[0] == 'I' ? "IEA"u8 : "UNZ"u8) < 0)
            return EdiScan.NeedMore;

        isForeign = false;
        if (rest.StartsWith("UNA"u8))
            return ReadServiceString(start, rest);

        var found = rest[0] == 'I' ? OfIsa(rest) : OfUnb();
        isInside = found is { AreUsable: true };
        if (isInside)
        {
            Learn(found!.Value); // Matched in the line before.
            var read = ReadSegment(start);
            if (read == EdiScan.Segment && delimiters.Syntax == EdiSyntax.Edifact && delimiters.Repetition == 0 && Current[1, 2] is [(byte)'4', ..])
                delimiters = delimiters with { Repetition = (byte)'*' };
            return read;
        }

        delimiters = rest[0] == 'I' ? EdiDelimiters.X12 : EdiDelimiters.Edifact;
        Keep(next, start, start + Math.Min(rest.Length, 3));
        next = start + Math.Min(rest.Length, 3);
        isForeign = true;
        return EdiScan.BadDelimiters;
    }

    private EdiDelimiters? OfUnb() => delimiters is { Syntax: EdiSyntax.Edifact, Element: not 0 } && isInside ? delimiters : EdiDelimiters.Edifact;

    private EdiScan ReadServiceString(int start, ReadOnlySpan<byte> rest)
    {
        const int Length = 9;
        var found = rest.Length < Length
            ? default
            : new EdiDelimiters(EdiSyntax.Edifact, rest[4], rest[3], rest[7] == ' ' ? (byte)0 : rest[7], rest[6] == ' ' ? (byte)0 : rest[6], rest[8], rest[5]);
        isInside = found.AreUsable && rest[5] is (byte)'.' or (byte)',';
        Learn(isInside ? found : EdiDelimiters.Edifact);
        var length = isInside ? Length - 1 : Math.Min(rest.Length, 3);
        Keep(next, start, start + length);
        next = start + length + (isInside ? 1 : 0);
        isForeign = !isInside;
        return isInside ? EdiScan.Segment : EdiScan.BadDelimiters;
    }

    // ISA: sixteen elements after one another; the sixteenth is one byte, and the one after it ends the segment.
    private static EdiDelimiters? OfIsa(ReadOnlySpan<byte> rest)
    {
        rest = rest[..Math.Min(rest.Length, HeaderBytesMax)];
        var element = rest[3];
        Span<int> at = stackalloc int[IsaElements];
        var from = 0;
        for (var i = 0; i < IsaElements; i++)
        {
            var cut = rest[from..].IndexOf(element);
            if (cut < 0)
                return null;
            at[i] = from + cut;
            from += cut + 1;
        }

        if (from + 1 >= rest.Length)
            return null;

        // ISA11 was a standards identifier up to version 00401 and is the repetition separator since 00402.
        var repetition = rest[(at[10] + 1)..at[11]] is [var one] && !char.IsAsciiLetterOrDigit((char)one) && one != ' ' ? one : (byte)0;
        return new EdiDelimiters(EdiSyntax.X12, element, rest[from], repetition, 0, rest[from + 1], (byte)'.');
    }

    private EdiScan ReadSegment(int start)
    {
        var span = buffer.AsSpan(start, end - start);
        var known = kinds.AsSpan(0, 256);
        count = 1;
        starts[0] = 0;
        traits = EdiTraits.Plain | (delimiters.Repetition == 0 ? EdiTraits.None : EdiTraits.Released);
        for (var i = 0; i < span.Length; i++)
        {
            switch (known[span[i]])
            {
                case Plain:
                    break;
                case Element:
                    Cut(i + 1);
                    break;
                case Terminator:
                    return Hand(start, i, isEnded: true);
                case Component:
                    traits |= EdiTraits.Composite;
                    break;
                case Release:
                    // The byte after it belongs to the data, whatever it is.
                    traits |= EdiTraits.Released;
                    if (++i < span.Length && known[span[i]] == Other)
                        traits &= ~EdiTraits.Plain;
                    break;
                default:
                    traits &= ~EdiTraits.Plain;
                    break;
            }
        }

        return ReadLast(start, span.Length);
    }

    // What each byte is, for the delimiters of the interchange that is read: one look instead of a comparison with each.
    private void Learn(EdiDelimiters learned)
    {
        delimiters = learned;
        for (var one = 0; one < kinds.Length; one++)
            kinds[one] = one is >= ' ' and <= '~' ? Plain : Other;
        if (learned.Release != 0)
            kinds[learned.Release] = Release;
        kinds[learned.Component] = Component;
        kinds[learned.Element] = Element;
        kinds[learned.Terminator] = Terminator;
    }

    private EdiScan ReadLast(int start, int length)
    {
        if (length > SegmentBytesMax)
        {
            Keep(next, start, start + 3);
            (isInside, isForeign, next) = (false, true, start + 3);
            return EdiScan.TooLong;
        }

        return isComplete ? Hand(start, length, isEnded: false) : EdiScan.NeedMore;
    }

    private EdiScan Hand(int start, int length, bool isEnded)
    {
        Cut(length + 1);
        current = (next, start, start + length);
        next = start + length + (isEnded ? 1 : 0);
        isCleaned = false;
        var span = buffer.AsSpan(start, length);
        if ((traits & EdiTraits.Plain) == 0 && span.IndexOfAny((byte)'\r', (byte)'\n') >= 0 && Clean(span))
            traits |= EdiTraits.Plain;
        var name = (isCleaned ? cleaned : span)[..(starts[1] - 1)];
        var cut = (traits & EdiTraits.Composite) == 0 ? -1 : name.IndexOf(delimiters.Component);
        tag = EdiTag.Of(cut < 0 ? name : name[..cut]);
        if (isEnded)
            traits |= EdiTraits.Terminated;
        if (length > SegmentBytesMax)
        {
            (isInside, isForeign) = (false, true);
            return EdiScan.TooLong;
        }

        if (tag is Tags.IEA or Tags.UNZ)
            isInside = false;
        return EdiScan.Segment;
    }

    // Line breaks within a segment are no data: what is read goes without them, the bytes as they came stay in Raw.
    private bool Clean(ReadOnlySpan<byte> span)
    {
        if (cleaned.Length < span.Length)
            cleaned = new byte[Math.Max(256, span.Length * 2)];
        var (to, cut) = (0, 1);
        for (var i = 0; i < span.Length; i++)
        {
            if (cut < count && starts[cut] == i)
                starts[cut++] = to;
            if (span[i] is not ((byte)'\r' or (byte)'\n'))
                cleaned[to++] = span[i];
        }

        // What is left is an empty last element, if there is one, and the end.
        for (; cut < count; cut++)
            starts[cut] = to + (starts[cut] - span.Length);
        isCleaned = true;
        return cleaned.AsSpan(0, to).IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0;
    }

    private EdiScan PassOver(int start)
    {
        var rest = buffer.AsSpan(start, end - start);
        var isFirst = !isForeign;
        isForeign = true;
        var to = rest.Length;
        for (var i = 1; i < rest.Length - 2 && to == rest.Length; i++)
        {
            var step = rest[i..].IndexOfAny("IU"u8);
            if (step < 0)
                break;
            i += step;
            if (IsHeader(rest[i..]))
                to = i;
        }

        if (to == rest.Length && !isComplete)
            to = Math.Max(1, rest.Length - 3);
        Keep(next, start, start + Math.Min(to, 40));
        tag = 0;
        next = start + to;
        return isFirst ? EdiScan.Foreign : EdiScan.ForeignStill;
    }

    private void Keep(int leading, int start, int to)
    {
        (starts[0], starts[1], count) = (0, to - start + 1, 2);
        current = (leading, start, to);
        (traits, isCleaned) = (EdiTraits.Terminated | EdiTraits.Plain, false);
        tag = EdiTag.Of(buffer.AsSpan(start, Math.Min(3, to - start)));
    }

    private void Cut(int at)
    {
        if (count == starts.Length)
            Array.Resize(ref starts, starts.Length * 2);
        starts[count++] = at;
        Debug.Assert(count < 2 || starts[count - 1] > starts[count - 2], "Elements follow one another.");
    }
}
