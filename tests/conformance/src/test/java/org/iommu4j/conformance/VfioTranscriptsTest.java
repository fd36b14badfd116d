package org.iommu4j.conformance;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scripts of VFIO calls that a real kernel ran: the model must answer every line alike. */
final class VfioTranscriptsTest {
  private static final List<String> RELEASES = List.of("5.10", "6.1", "6.12");

  private static Path directory(String release) throws URISyntaxException {
    URL url = VfioTranscriptsTest.class.getResource("/vfio/" + release);
    return Path.of(Objects.requireNonNull(url, "the transcripts lie on the class path").toURI());
  }

  static List<Path> transcripts() throws IOException, URISyntaxException {
    List<Path> found = new ArrayList<>();
    for (String release : RELEASES) {
      try (Stream<Path> files = Files.list(directory(release))) {
        files.filter(file -> file.toString().endsWith(".transcript")).sorted().forEach(found::add);
      }
    }
    return found;
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void everyLineIsExact(Path transcript) throws IOException {
    VfioRecordings.compare(transcript, ".tar.gz");
  }
}
