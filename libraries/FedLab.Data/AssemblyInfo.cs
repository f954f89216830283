using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("FedLab.Data.Tests")]
