using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using FedLab.Learning;

namespace FedLab.Federation.Wire;

/// <summary>What is wrong in a JSON text.</summary>
/// <param name="Field">Path of the field, such as <c>data.columns.revenue.kind</c>; empty when it is the whole text.</param>
/// <param name="Problem">One sentence for people.</param>
internal sealed record JsonFault(string Field, string Problem);

/// <summary>
/// Finds out why a text is not what a type describes, once the serializer has refused it: the serializer's words are for programmers, and
/// in English. Values are judged by the serializer itself; no sentence repeats one, since it may be a password in the wrong place.
/// </summary>
internal sealed class JsonFaults
{
    /// <summary>So many names of fields are listed where none is near.</summary>
    private const int MostListed = 20;

    /// <summary>What the serializer takes where nothing is set.</summary>
    private const int DefaultDepth = 64;

    private static readonly HashSet<Type> WholeNumbers = [typeof(int), typeof(long), typeof(short), typeof(byte), typeof(uint), typeof(ulong), typeof(ushort), typeof(sbyte)];
    private static readonly HashSet<Type> Numbers = [typeof(double), typeof(float), typeof(decimal), typeof(Half)];

    private readonly JsonSerializerOptions _options;

    private JsonFaults(JsonSerializerOptions options) => _options = options;

    /// <summary>The first fault of a text.</summary>
    /// <param name="document">JSON in UTF-8.</param>
    /// <param name="type">What it should describe; null: any object.</param>
    /// <param name="options">How it is read.</param>
    /// <returns>The fault, or null if there is none that this class knows.</returns>
    public static JsonFault? Find(ReadOnlyMemory<byte> document, Type? type, JsonSerializerOptions options)
    {
        if (IsBlank(document.Span)) return new JsonFault("", LabMessages.NothingThere);
        try
        {
            using var parsed = JsonDocument.Parse(document, new JsonDocumentOptions { AllowTrailingCommas = options.AllowTrailingCommas, CommentHandling = options.ReadCommentHandling, MaxDepth = int.MaxValue });
            var depth = options.MaxDepth > 0 ? options.MaxDepth : DefaultDepth;
            if (IsDeeper(parsed.RootElement, depth)) return new JsonFault("", LabMessages.TooDeep(depth));
            return type is null ? ObjectFault(parsed.RootElement) ?? Untyped(parsed.RootElement, "") : new JsonFaults(options).Typed(parsed.RootElement, options.GetTypeInfo(type), "");
        }
        catch (JsonException e)
        {
            var (line, column) = ((int)(e.LineNumber ?? 0), (int)(e.BytePositionInLine ?? 0));
            return new JsonFault("", LabMessages.NotJson(line + 1, ColumnOf(document.Span, line, column)));
        }
        catch (InvalidOperationException)
        {
            // Half a letter (a lone surrogate) in a text.
            return null;
        }
    }

    private JsonFault? Typed(JsonElement value, JsonTypeInfo type, string path) => type.Kind switch
    {
        JsonTypeInfoKind.Object when value.ValueKind == JsonValueKind.Object => Fields(value, type, path),
        JsonTypeInfoKind.Dictionary when value.ValueKind == JsonValueKind.Object => Twice(value, path) ?? First(value.EnumerateObject(), member => Inner(member.Value, type.ElementType, Below(path, member.Name))),
        JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => new JsonFault(path, LabMessages.MustBeObject),
        JsonTypeInfoKind.Enumerable when value.ValueKind == JsonValueKind.Array => First(value.EnumerateArray().Index(), item => Inner(item.Item, type.ElementType, $"{path}[{item.Index}]")),
        JsonTypeInfoKind.Enumerable => new JsonFault(path, LabMessages.MustBeList),
        _ => Untyped(value, path) ?? Value(value, type, path),
    };

    private JsonFault? Fields(JsonElement value, JsonTypeInfo type, string path)
    {
        var known = type.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null).ToDictionary(property => property.Name, StringComparer.Ordinal);
        var refusesOthers = (type.UnmappedMemberHandling ?? _options.UnmappedMemberHandling) == JsonUnmappedMemberHandling.Disallow;
        var inside = Twice(value, path) ?? First(value.EnumerateObject(), member =>
        {
            var field = Below(path, member.Name);
            if (!known.TryGetValue(member.Name, out var property)) return refusesOthers && type.Properties.All(one => one.Name != member.Name) ? new JsonFault(field, Unknown(member.Name, [.. known.Keys])) : Untyped(member.Value, field);
            if (member.Value.ValueKind == JsonValueKind.Null && !property.IsSetNullable) return new JsonFault(field, LabMessages.MustNotBeNull);
            // How a converter of this field alone reads it cannot be asked here.
            return property.CustomConverter is not null ? null : Inner(member.Value, property.PropertyType, field);
        });
        return inside ?? First(known.Values, property => property.IsRequired && !value.TryGetProperty(property.Name, out _) ? new JsonFault(Below(path, property.Name), LabMessages.MustBePresent) : null);
    }

    private JsonFault? Inner(JsonElement value, Type? type, string path)
    {
        if (type is null) return Untyped(value, path);
        if (value.ValueKind != JsonValueKind.Null) return Typed(value, _options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type), path);
        return type.IsValueType && Nullable.GetUnderlyingType(type) is null ? new JsonFault(path, LabMessages.MustNotBeNull) : null;
    }

    /// <summary>Within a value that nothing is known of, a field may still not stand twice.</summary>
    private static JsonFault? Untyped(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Object => Twice(value, path) ?? First(value.EnumerateObject(), member => Untyped(member.Value, Below(path, member.Name))),
        JsonValueKind.Array => First(value.EnumerateArray().Index(), item => Untyped(item.Item, $"{path}[{item.Index}]")),
        _ => null,
    };

    private static JsonFault? ObjectFault(JsonElement value) => value.ValueKind == JsonValueKind.Object ? null : new JsonFault("", LabMessages.MustBeObject);

    private static JsonFault? Twice(JsonElement value, string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        return First(value.EnumerateObject(), member => names.Add(member.Name) ? null : new JsonFault(Below(path, member.Name), LabMessages.StandsTwice));
    }

    private static JsonFault? Value(JsonElement value, JsonTypeInfo type, string path)
    {
        try
        {
            value.Deserialize(type);
            return null;
        }
        catch (JsonException)
        {
            return new JsonFault(path, Expected(value, type.Type));
        }
    }

    private static string Expected(JsonElement value, Type type) =>
        type == typeof(string) ? value.ValueKind == JsonValueKind.String ? LabMessages.DoesNotFit : LabMessages.MustBeText
        : type == typeof(bool) ? LabMessages.MustBeSwitch
        : WholeNumbers.Contains(type) ? IsWhole(value) ? LabMessages.NumberTooLarge : LabMessages.MustBeWhole
        : Numbers.Contains(type) ? LabMessages.MustBeNumber
        : type.IsEnum ? LabMessages.MustBeOneOf(string.Join(", ", Enum.GetNames(type)))
        : LabMessages.DoesNotFit;

    private static bool IsWhole(JsonElement value) =>
        BigInteger.TryParse(value.ValueKind switch { JsonValueKind.Number => value.GetRawText(), JsonValueKind.String => value.GetString(), _ => null }, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _);

    private static string Unknown(string name, string[] known)
    {
        string[] near = [.. known.Where(one => name.Length > 2 && one.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        if (near.Length == 0 && NearestName.Of(name, known) is { } nearest) near = [nearest];
        return near.Length > 0 ? LabMessages.UnknownFieldNear(string.Join(", ", near))
            : known.Length is > 0 and <= MostListed ? LabMessages.UnknownFieldAmong(string.Join(", ", known))
            : LabMessages.UnknownField;
    }

    private static bool IsBlank(ReadOnlySpan<byte> document) => document.IndexOfAnyExcept(" \t\r\n"u8) < 0;

    private static bool IsDeeper(JsonElement value, int limit) => value.ValueKind switch
    {
        JsonValueKind.Object => limit == 0 || value.EnumerateObject().Any(member => IsDeeper(member.Value, limit - 1)),
        JsonValueKind.Array => limit == 0 || value.EnumerateArray().Any(item => IsDeeper(item, limit - 1)),
        _ => false,
    };

    /// <summary>The reader counts bytes, people count letters.</summary>
    private static int ColumnOf(ReadOnlySpan<byte> document, int line, int bytes)
    {
        for (; line > 0 && document.IndexOf((byte)'\n') is var end and >= 0; line--) document = document[(end + 1)..];
        return Encoding.UTF8.GetCharCount(document[..Math.Min(bytes, document.Length)]) + 1;
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static JsonFault? First<T>(IEnumerable<T> items, Func<T, JsonFault?> fault) => items.Select(fault).FirstOrDefault(found => found is not null);
}
