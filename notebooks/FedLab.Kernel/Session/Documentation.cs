using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace FedLab.Kernel.Session;

/// <summary>What the documentation of a symbol says, as text.</summary>
/// <param name="Summary">What it is.</param>
/// <param name="Parameters">Its parameters and type parameters, by name.</param>
/// <param name="Returns">What it returns.</param>
/// <param name="Exceptions">What it throws, by type.</param>
/// <param name="Remarks">What else there is to say.</param>
internal sealed record Documentation(
    string Summary, IReadOnlyList<(string Name, string Text)> Parameters, string Returns, IReadOnlyList<(string Name, string Text)> Exceptions, string Remarks)
{
    private const int MaximumInherited = 5;
    private const long MaximumFileBytes = 64 << 20;

    private static readonly ConcurrentDictionary<string, byte[]> Files = new(StringComparer.Ordinal);
    private static readonly Lazy<string?> ReferencePack = new(FindReferencePack);

    /// <summary>The documentation of a symbol: from the cell that declares it, from the file beside its assembly, or from the SDK's reference pack.</summary>
    /// <param name="symbol">The symbol.</param>
    /// <param name="compilation">Where it was found.</param>
    /// <returns>Null where there is none.</returns>
    public static Documentation? Of(ISymbol symbol, Compilation compilation)
    {
        symbol = (symbol as IMethodSymbol)?.ReducedFrom ?? symbol;
        for (var inherited = 0; inherited < MaximumInherited; inherited++)
        {
            if (Find(symbol.OriginalDefinition, compilation) is not { } xml) return null;
            if (xml.Element("inheritdoc") is not { } reference) return Read(xml);
            if (Base(symbol, reference, compilation) is not { } next) return null;
            symbol = next;
        }
        return null;
    }

    private static Documentation Read(XElement xml) => new(
        Text(xml.Element("summary")),
        [.. xml.Elements().Where(element => element.Name.LocalName is "param" or "typeparam").Select(element => ((string?)element.Attribute("name") ?? "", Text(element)))],
        Text(xml.Element("returns") ?? xml.Element("value")),
        [.. xml.Elements("exception").Select(element => (ShortName((string?)element.Attribute("cref")), Text(element)))],
        Text(xml.Element("remarks")));

    private static XElement? Find(ISymbol symbol, Compilation compilation)
    {
        try
        {
            if (symbol.GetDocumentationCommentXml() is { Length: > 0 } written) return Parse(written);
            if (symbol.GetDocumentationCommentId() is not { } id || symbol.ContainingAssembly is not { } assembly) return null;
            if (compilation.GetMetadataReference(assembly) is not PortableExecutableReference { FilePath: { } path }) return null;
            return CandidateFiles(path).Select(file => Member(file, id)).FirstOrDefault(member => member is not null);
        }
        catch (XmlException)
        {
            return null; // A file whose author did not close an element.
        }
    }

    // What the runtime implements in one assembly is documented in several of the reference pack.
    private static IEnumerable<string> CandidateFiles(string assembly)
    {
        yield return Path.ChangeExtension(assembly, ".xml");
        if (Path.GetDirectoryName(assembly) != Path.GetDirectoryName(typeof(object).Assembly.Location) || ReferencePack.Value is not { } pack) yield break;
        var own = Path.GetFileNameWithoutExtension(assembly) + ".xml";
        yield return Path.Combine(pack, own);
        foreach (var first in new[] { "System.Runtime.xml", "System.Collections.xml" }) yield return Path.Combine(pack, first);
        foreach (var file in Directory.EnumerateFiles(pack, "System.*.xml")) yield return file;
    }

    // The files are searched as bytes: a member is found in a millisecond, while reading ten megabytes of XML would take a second.
    private static XElement? Member(string file, string id)
    {
        var bytes = Files.GetOrAdd(file, static path => new FileInfo(path) is { Exists: true, Length: <= MaximumFileBytes } ? File.ReadAllBytes(path) : []).AsSpan();
        var start = bytes.IndexOf(Encoding.UTF8.GetBytes($"<member name=\"{new XText(id)}\""));
        if (start < 0) return null;
        var end = bytes[start..].IndexOf("</member>"u8);
        return end < 0 ? null : Parse(Encoding.UTF8.GetString(bytes.Slice(start, end + "</member>"u8.Length)));
    }

    private static XElement? Parse(string xml)
    {
        using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit, ConformanceLevel = ConformanceLevel.Fragment });
        return XElement.Load(reader);
    }

    private static ISymbol? Base(ISymbol symbol, XElement reference, Compilation compilation)
    {
        if ((string?)reference.Attribute("cref") is { } named) return DocumentationCommentId.GetFirstSymbolForDeclarationId(named, compilation);
        if (symbol is INamedTypeSymbol type) return type.BaseType is { SpecialType: not SpecialType.System_Object } parent ? parent : type.Interfaces.FirstOrDefault();
        ISymbol? overridden = symbol switch
        {
            IMethodSymbol method => method.OverriddenMethod,
            IPropertySymbol property => property.OverriddenProperty,
            _ => null,
        };
        return overridden ?? symbol.ContainingType?.AllInterfaces.SelectMany(implemented => implemented.GetMembers(symbol.Name))
            .FirstOrDefault(member => SymbolEqualityComparer.Default.Equals(symbol.ContainingType.FindImplementationForInterfaceMember(member), symbol));
    }

    private static string Text(XElement? element)
    {
        if (element is null) return "";
        var text = new StringBuilder();
        Append(element, text);
        var lines = text.ToString().Split('\n').Select(line => string.Join(' ', line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)));
        return string.Join('\n', lines).Trim();
    }

    private static void Append(XElement element, StringBuilder text)
    {
        foreach (var node in element.Nodes())
        {
            switch (node)
            {
                case XText words:
                    text.Append(words.Value.ReplaceLineEndings(" "));
                    break;
                case XElement { Name.LocalName: "see" or "seealso" or "paramref" or "typeparamref" } mention when mention.IsEmpty:
                    text.Append((string?)mention.Attribute("langword") ?? (string?)mention.Attribute("name") ?? (string?)mention.Attribute("href") ?? ShortName((string?)mention.Attribute("cref")));
                    break;
                case XElement { Name.LocalName: "para" or "item" or "code" or "br" } block:
                    text.Append('\n');
                    Append(block, text);
                    text.Append('\n');
                    break;
                case XElement other:
                    Append(other, text);
                    break;
            }
        }
    }

    private static string ShortName(string? id)
    {
        if (id is null) return "";
        var name = id.AsSpan(id.IndexOf(':', StringComparison.Ordinal) + 1);
        var parameters = name.IndexOf('(');
        if (parameters >= 0) name = name[..parameters];
        var isMember = id.StartsWith("M:", StringComparison.Ordinal) || id.StartsWith("P:", StringComparison.Ordinal) || id.StartsWith("F:", StringComparison.Ordinal);
        var dot = name.LastIndexOf('.');
        if (isMember && dot > 0) dot = name[..dot].LastIndexOf('.');
        var last = name[(dot + 1)..].ToString();
        var arity = last.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? last : last[..arity];
    }

    private static string? FindReferencePack()
    {
        var packs = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../packs/Microsoft.NETCore.App.Ref"));
        if (!Directory.Exists(packs)) return null;
        return Directory.EnumerateDirectories(packs)
            .Where(folder => Version.TryParse(Path.GetFileName(folder), out var version) && version.Major == Environment.Version.Major)
            .OrderByDescending(folder => Version.Parse(Path.GetFileName(folder)))
            .Select(folder => Path.Combine(folder, "ref", $"net{Environment.Version.Major}.0"))
            .FirstOrDefault(Directory.Exists);
    }
}
