/** The domains of the sample organisation, those of Microsoft's documentation. */
export const domains = ['contoso.com', 'fabrikam.com', 'adatum.com'] as const;

export type Domain = (typeof domains)[number];

/** The employees of each domain, all fictitious, spelled as in their addresses. */
export const names: Readonly<Record<Domain, readonly string[]>> = {
  'contoso.com': list(`
    Alice Bauer, Aisha Rahman, Akira Tanaka, Amara Okafor, Ana Silva, Andre Moreau, Anita Desai, Anne-Marie Dubois,
    Arjun Mehta, Astrid Holm, Ben Carter, Bianca Rossi, Bjorn Eriksen, Camila Torres, Carlos Mendoza, Chen Li,
    Chidi Eze, Clara Hoffmann, Daniel Weiss, Deepa Nair, Diego Alvarez, Dmitri Volkov, Elena Popescu, Elif Demir,
    Emeka Obi, Emma Lindqvist, Esther Mwangi, Farah Haddad, Fatima Zahra, Felix Braun, Freya Nilsen, Gabriel Costa,
    Giulia Conti, Grace Adeyemi, Hana Novak, Hassan Ali, Helena Vargas, Henrik Dahl, Hiroshi Sato, Ibrahim Diallo,
    Ines Ferreira, Ingrid Larsen, Isaac Cohen, Ivan Petrov, Jamal Brooks, Jana Kovac, Javier Ruiz, Jin Park,
    Joao Santos, Julia Wagner, Kamala Iyer, Karim Mansour, Katarina Horvat, Keiko Mori, Kofi Mensah, Lars Berg,
    Layla Nasser, Leila Karimi, Liam Murphy, Lin Chen, Lucia Romano, Magnus Olsen, Malik Johnson, Maria Gonzalez,
    Marta Kowalska, Mateo Rojas, Mei Wong, Miriam Katz, Mohammed Farouk, Nadia Hussein, Ngozi Udo, Nikhil Rao,
    Noah Kim, Nora Jansen, Olga Ivanova, Omar Said, Paula Schmidt, Pedro Lima, Priya Sharma, Quentin Blanc,
    Rachel Grant
  `),
  'fabrikam.com': list(`
    Adaeze Nwosu, Aditi Kapoor, Agnes Toth, Ahmed Bakr, Aino Virtanen, Alan Whitfield, Aleksander Nowak, Alma Reyes,
    Amina Yusuf, Anders Holmberg, Angela Price, Antonio Greco, Beatriz Nunes, Bilal Chaudhry, Brigid Doyle,
    Catarina Pinto, Cedric Lambert, Charlotte Evans, Christos Galanis, Dalia Rosen, Darius Kelly, David Okoro,
    Deborah Stone, Edith Marsh, Eduardo Pires, Eero Makinen, Eilidh Fraser, Emily Watson, Enzo Marchetti, Erik Lund,
    Fiona Campbell, Francis Osei, Gareth Davies, Georgia Pappas, Hamza Qureshi, Harriet Clarke, Hugo Martin,
    Imani Walker, Iris De-Vries, Isabella Moretti, Jack Thompson, Jasmine Patel, Johan Visser, Josephine Barlow,
    Kenji Watanabe, Kerstin Vogel, Kieran Walsh, Kwame Boateng, Lachlan Reid, Lena Fischer, Lorenzo Gallo,
    Lucy Hughes, Maeve Sullivan, Mahmoud Saleh, Marek Dvorak, Marie Lefevre, Martin Hill, Megan Lloyd, Milan Jovanovic,
    Mina Takahashi, Nathan Wright, Neil Armitage, Niamh Kennedy, Nina Sokolova, Oliver Bennett, Oscar Lindgren,
    Parveen Begum, Patrick O'Brien, Pavel Cerny, Rajesh Gupta, Rebecca Stern, Rosa Martinez, Rowan Ellis,
    Ruth Abebe, Samira Aziz, Sanjay Reddy, Sean Gallagher, Siobhan Byrne, Sofia Papadaki, Stefan Keller, Tamara Bell
  `),
  'adatum.com': list(`
    Abdul Karim, Adele Fontaine, Aiko Yamada, Alba Serrano, Alexei Morozov, Amalie Bakke, Amir Rezaei, Anouk Bakker,
    Antoine Girard, Anton Schreiber, Asha Kumari, Axel Sandberg, Ayumi Ito, Babajide Cole, Bastian Krause,
    Benedikt Maier, Bridget Nolan, Bruno Carvalho, Celine Roux, Chiara Ferrari, Christian Beck, Claire Dumont,
    Cornelia Huber, Dagny Strand, Dana Levy, Dieter Lange, Dilara Yilmaz, Dominic Shaw, Ebba Nystrom, Eduard Weber,
    Eleni Markou, Elias Brandt, Emil Johansson, Esra Aydin, Etienne Mercier, Eva Horakova, Fabian Roth, Frida Lindberg,
    Friedrich Otto, Gaelle Petit, Gerda Neumann, Gita Banerjee, Gustav Ekman, Hannah Becker, Hanneke Smit,
    Heike Richter, Helge Aas, Hye-Jin Lee, Ilse Vermeulen, Imre Szabo, Isak Forsberg, Jakob Winter, Jeanne Colin,
    Jonas Falk, Jordan Hayes, Judith Simon, Kaito Suzuki, Karl Engel, Khadija Toure, Klara Svensson, Kurt Hahn,
    Laila Benali, Leopold Graf, Lidia Marin, Linnea Wikstrom, Lukas Arnold, Madeleine Faure, Manuel Ortega,
    Matthias Kuhn, Mikkel Friis, Monique Leroy, Nils Hedlund, Odile Marchand, Otto Seidel, Petra Zimmermann,
    Rania Khoury, Rolf Steiner, Sabine Lorenz, Tobias Frey, Yusuf Kaya
  `),
};

function list(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}
