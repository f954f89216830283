using FedLab.Client.Labs;
using FedLab.Data;
using FedLab.Federation.Runs;

namespace FedLab.Client.InMemory;

/// <summary>A run's files in a folder of the party's home, as its participant would keep them.</summary>
internal sealed class FolderRunStore : IRunStore
{
    private readonly string _folder;

    /// <summary>Opens the store.</summary>
    /// <param name="folder">The folder; made when it is missing.</param>
    public FolderRunStore(string folder)
    {
        _folder = folder;
        LabWorkspace.CreateFolder(folder);
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => [.. Directory.EnumerateFiles(_folder).Select(Path.GetFileName).OfType<string>()];

    /// <inheritdoc/>
    public async ValueTask SaveAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await AtomicFile.WriteAsync(PathOf(name), content, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask AppendAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(PathOf(name), FileMode.OpenOrCreate, FileAccess.Write);
        await RandomAccess.WriteAsync(file, content, RandomAccess.GetLength(file), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<byte[]?> LoadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(PathOf(name), cancellationToken);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Delete(string name) => File.Delete(PathOf(name));

    private string PathOf(string name) => Path.GetFileName(name) == name && name is not ("" or "." or "..")
        ? Path.Combine(_folder, name)
        : throw new ArgumentException("A plain file name is needed.", nameof(name));
}
