using System.Diagnostics;

namespace Caravan.Engines.Edi;

/// <summary>
/// One segment as it lies in the scanner's buffer, until the next one is read. Elements count from 1, the tag is 0; a
/// component counts from 1. What is not there reads as empty, for both standards let trailing elements be left out.
/// </summary>
public readonly ref struct EdiSegment
{
    private readonly ReadOnlySpan<byte> bytes;
    private readonly ReadOnlySpan<int> starts;

    internal EdiSegment(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> starts, ReadOnlySpan<byte> leading, in EdiDelimiters delimiters, long offset, uint tag, EdiTraits traits)
    {
        Debug.Assert(starts.Length >= 2 && starts[0] == 0 && starts[^1] == bytes.Length + 1, "Starts run from the tag to one past the end.");
        this.bytes = bytes;
        this.starts = starts;
        Leading = leading;
        Delimiters = delimiters;
        Offset = offset;
        Tag = tag;
        Traits = traits;
    }

    internal EdiTraits Traits { get; }

    /// <summary>The whole segment without its terminator.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>What parts it.</summary>
    public EdiDelimiters Delimiters { get; }

    /// <summary>Line breaks and blanks between the terminator before and the tag; they mean nothing, and are kept for the round trip.</summary>
    public ReadOnlySpan<byte> Leading { get; }

    /// <summary>The segment with the line breaks that were found in it, as it came; empty when there were none.</summary>
    public ReadOnlySpan<byte> Wrapped { get; internal init; }

    /// <summary>Where the tag begins, in bytes from the first one of the file.</summary>
    public long Offset { get; }

    /// <summary>Whether the terminator was there; the last segment of a file that was cut off has none.</summary>
    public bool IsTerminated => (Traits & EdiTraits.Terminated) != 0;

    /// <summary>Whether every byte is a printable ASCII character.</summary>
    public bool IsPlain => (Traits & EdiTraits.Plain) != 0;

    /// <summary>The tag as a number, see <see cref="EdiTag"/>; 0 when it is none.</summary>
    public uint Tag { get; }

    /// <summary>How many elements it has, the tag not counted.</summary>
    public int Count => starts.Length - 2;

    /// <summary>The tag as it was written.</summary>
    public ReadOnlySpan<byte> TagSpan
    {
        get
        {
            var tag = this[0];
            var cut = tag.IndexOf(Delimiters.Component);
            return cut < 0 ? tag : tag[..cut];
        }
    }

    /// <summary>An element, with its components and release characters as written.</summary>
    public ReadOnlySpan<byte> this[int element] =>
        (uint)element <= (uint)Count ? bytes[starts[element]..(starts[element + 1] - 1)] : default;

    /// <summary>A component as written; of a repeated element, of the first one.</summary>
    public ReadOnlySpan<byte> this[int element, int component]
    {
        get
        {
            var rest = this[element];
            if ((Traits & (EdiTraits.Composite | EdiTraits.Released)) == 0)
                return component == 1 ? rest : default;
            while (true)
            {
                var cut = EndOfComponent(rest, out var isRepetition);
                if (component == 1 || cut == rest.Length || isRepetition)
                    return component == 1 ? rest[..cut] : default;

                rest = rest[(cut + 1)..];
                component--;
            }
        }
    }

    /// <summary>The first three components of an element, cut in one pass: for elements of which all are read, as EDIFACT's composites are.</summary>
    internal void Cut(int element, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> second, out ReadOnlySpan<byte> third)
    {
        if ((Traits & (EdiTraits.Composite | EdiTraits.Released)) != EdiTraits.Composite)
        {
            first = this[element, 1];
            second = this[element, 2];
            third = this[element, 3];
            return;
        }

        // They are short, so a loop is quicker than a search for each.
        var whole = this[element];
        var (one, two, three) = (whole.Length, whole.Length, whole.Length);
        var separator = Delimiters.Component;
        var found = 0;
        for (var i = 0; i < whole.Length; i++)
        {
            if (whole[i] != separator)
                continue;

            if (found == 0)
                one = i;
            else if (found == 1)
                two = i;
            else
                three = i;
            if (++found == 3)
                break;
        }

        first = whole[..one];
        second = one < whole.Length ? whole[(one + 1)..two] : default;
        third = two < whole.Length ? whole[(two + 1)..three] : default;
    }

    /// <summary>Where an element begins, in bytes from the first one of the file.</summary>
    public long OffsetOf(int element)
    {
        var at = (uint)element <= (uint)Count ? starts[element] : bytes.Length;
        if (Wrapped.IsEmpty)
            return Offset + at;

        var (raw, read) = (0, 0);
        while (raw < Wrapped.Length && (read < at || Wrapped[raw] is (byte)'\r' or (byte)'\n'))
            read += Wrapped[raw++] is (byte)'\r' or (byte)'\n' ? 0 : 1;
        return Offset + raw;
    }

    private int EndOfComponent(ReadOnlySpan<byte> rest, out bool isRepetition)
    {
        isRepetition = false;
        if (rest.IsEmpty)
            return 0;

        var (component, repetition, release) = (Delimiters.Component, Delimiters.Repetition, Delimiters.Release);
        if ((Traits & EdiTraits.Released) == 0)
            return rest.IndexOf(component) is >= 0 and var at ? at : rest.Length;

        for (var i = 0; i < rest.Length; i++)
        {
            var one = rest[i];
            if (release != 0 && one == release)
            {
                i++;
            }
            else if (one == component)
            {
                return i;
            }
            else if (repetition != 0 && one == repetition)
            {
                isRepetition = true;
                return i;
            }
        }

        return rest.Length;
    }
}

/// <summary>What the scanner has seen of a segment, so that nobody need look again.</summary>
[Flags]
internal enum EdiTraits : byte
{
    /// <summary>Nothing of note.</summary>
    None = 0,

    /// <summary>Its terminator was there.</summary>
    Terminated = 1,

    /// <summary>Every byte is a printable ASCII character.</summary>
    Plain = 2,

    /// <summary>It has component separators.</summary>
    Composite = 4,

    /// <summary>It may have release characters or repetitions.</summary>
    Released = 8,
}

/// <summary>A tag of two or three letters and digits as a number, so that a switch finds it: the bytes, first one highest.</summary>
public static class EdiTag
{
    /// <summary>The number of a tag; 0 when it is none.</summary>
    public static uint Of(ReadOnlySpan<byte> tag)
    {
        if (tag.Length is < 2 or > 3 || !char.IsAsciiLetterUpper((char)tag[0]))
            return 0;

        uint code = 0;
        foreach (var one in tag)
        {
            if (!char.IsAsciiLetterUpper((char)one) && !char.IsAsciiDigit((char)one))
                return 0;
            code = (code << 8) | one;
        }

        return code;
    }

    /// <summary>The tag of a number.</summary>
    public static string Text(uint tag) =>
        tag == 0 ? "" : tag > 0xFFFF ? new string([(char)(tag >> 16), (char)((tag >> 8) & 0xFF), (char)(tag & 0xFF)]) : new string([(char)(tag >> 8), (char)(tag & 0xFF)]);
}
