/** The path of the list of users. */
export const usersUrl = '/api/users';
