using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Caravan.Platform.Ids;

/// <summary>What an identifier names; gives it its prefix on the wire.</summary>
public interface IIdKind
{
    /// <summary>The TypeID prefix, lower case ASCII letters: <c>ord</c>.</summary>
    static abstract string Prefix { get; }
}

/// <summary>
/// An identifier: a UUIDv7, typed so that an order can never be mistaken for a location.
/// On the wire it follows TypeID 0.3 (<c>ord_01h455vb4pex5vsknk084sn02q</c>): prefix, underscore, and the 128 bits as 26
/// characters of Crockford's base 32 in lower case, most significant first, the first character 0–7.
/// </summary>
[JsonConverter(typeof(IdJsonConverterFactory))]
public readonly record struct Id<TKind>(Guid Value) : IParsable<Id<TKind>>, IComparable<Id<TKind>>
    where TKind : IIdKind
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Digits = 26;

    /// <summary>A new identifier; those made later sort later, to the millisecond.</summary>
    public static Id<TKind> New(DateTimeOffset now) => new(NewId.Next(now));

    /// <inheritdoc/>
    public int CompareTo(Id<TKind> other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        Value.TryWriteBytes(bytes, bigEndian: true, out _);
        var bits = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        Span<char> digits = stackalloc char[Digits];
        for (var i = Digits - 1; i >= 0; i--)
        {
            digits[i] = Alphabet[(int)(bits & 31)];
            bits >>= 5;
        }

        return $"{TKind.Prefix}_{digits}";
    }

    /// <inheritdoc/>
    public static Id<TKind> Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"Not an id of the form {Example}: '{s}'.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Id<TKind> result)
    {
        result = default;
        var prefix = TKind.Prefix;
        if (s is null || s.Length != prefix.Length + 1 + Digits || s[prefix.Length] != '_' || !s.StartsWith(prefix, StringComparison.Ordinal))
            return false;

        UInt128 bits = 0;
        for (var i = prefix.Length + 1; i < s.Length; i++)
        {
            var digit = Alphabet.IndexOf(s[i], StringComparison.Ordinal);
            if (digit < 0 || (i == prefix.Length + 1 && digit > 7))
                return false;

            bits = (bits << 5) | (uint)digit;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        result = new Id<TKind>(new Guid(bytes, bigEndian: true));
        return true;
    }

    /// <summary>An example for messages and documentation.</summary>
    public static string Example => $"{TKind.Prefix}_01h455vb4pex5vsknk084sn02q";
}

/// <summary>Where new identifiers come from.</summary>
internal static class NewId
{
    /// <summary>Given where a run must be repeatable to the last bit: what this thread makes ids of instead of chance.</summary>
    [ThreadStatic]
    public static Func<DateTimeOffset, Guid>? Given;

    public static Guid Next(DateTimeOffset now) => Given?.Invoke(now) ?? Guid.CreateVersion7(now);
}

/// <summary>Reads and writes <see cref="Id{TKind}"/> as TypeID strings, also as keys of a dictionary.</summary>
public sealed class IdJsonConverterFactory : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Id<>);

    /// <inheritdoc/>
    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GenericTypeArguments))!; // Never null: the type has a constructor.

    private sealed class Converter<TKind> : JsonConverter<Id<TKind>>
        where TKind : IIdKind
    {
        public override Id<TKind> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Id<TKind>.TryParse(reader.GetString(), null, out var id)
                ? id
                : throw new JsonException($"Expected an id such as {Id<TKind>.Example}.");

        public override void Write(Utf8JsonWriter writer, Id<TKind> value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());

        public override Id<TKind> ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Read(ref reader, typeToConvert, options);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, Id<TKind> value, JsonSerializerOptions options) =>
            writer.WritePropertyName(value.ToString());
    }
}
